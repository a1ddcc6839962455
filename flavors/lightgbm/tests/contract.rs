//! The suite of all flavors.

use flavor_lightgbm::LightGbm;
use flowgate_testkit::{FlavorSamples, flavor_contract};
use std::path::Path;

#[test]
fn the_flavor_keeps_the_contract() {
    let samples = FlavorSamples {
        source: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/multiclass_iris/model.lgb"),
        file: "model.lgb",
    };
    flavor_contract(&LightGbm, &samples);
}
