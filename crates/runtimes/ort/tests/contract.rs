//! ONNX Runtime passes the suite of all runtimes.

use flowgate_testkit::{Expectations, require_ort_library, runtime_contract};
use runtime_ort::{Ort, OrtSettings};

#[test]
fn onnx_runtime_keeps_the_contract_of_runtimes_without_exception() {
    let runtime = Ort::new(OrtSettings {
        library: Some(require_ort_library()),
        ..OrtSettings::default()
    });
    runtime_contract(&runtime, Expectations::default());
}
