//! The suite of all flavors.

use flavor_xgboost::XGBoost;
use flowgate_testkit::{FlavorSamples, flavor_contract};
use std::path::Path;

fn samples(case: &str, file: &'static str) -> FlavorSamples {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    FlavorSamples {
        source: data.join(case).join(file),
        file,
    }
}

#[test]
fn the_flavor_keeps_the_contract_with_ubjson() {
    flavor_contract(
        &XGBoost,
        &samples("early_stopping_sklearn_binary", "model.ubj"),
    );
}

#[test]
fn the_flavor_keeps_the_contract_with_json() {
    flavor_contract(&XGBoost, &samples("multi_softprob_iris", "model.json"));
}
