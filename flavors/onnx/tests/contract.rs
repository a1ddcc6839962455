//! The suite of all flavors.

use flavor_onnx::Onnx;
use flowgate_testkit::{FlavorSamples, flavor_contract, graphs};

#[test]
fn the_flavor_keeps_the_contract() {
    let samples = FlavorSamples {
        source: graphs::path("layers"),
        file: "model.onnx",
    };
    flavor_contract(&Onnx, &samples);
}

#[test]
fn the_flavor_keeps_the_contract_with_a_file_of_tensors_beside_the_model() {
    let samples = FlavorSamples {
        source: graphs::path("external"),
        file: "model.onnx",
    };
    flavor_contract(&Onnx, &samples);
}
