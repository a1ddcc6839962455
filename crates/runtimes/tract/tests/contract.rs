//! tract passes the suite of all runtimes.

use flowgate_testkit::{Expectations, runtime_contract};
use runtime_tract::Tract;

#[test]
fn tract_keeps_the_contract_of_runtimes_without_exception() {
    runtime_contract(&Tract::new(), Expectations::default());
}
