//! The runtime of tables passes the suite of all runtimes.

use flowgate_testkit::{Expectations, runtime_contract};
use runtime_tabular::Tabular;

#[test]
fn the_runtime_of_tables_keeps_the_contract_of_runtimes() {
    // Tensors in further files are left to the runtimes of networks.
    let expectations = Expectations {
        refused_graphs: vec!["external"],
        ..Expectations::default()
    };
    runtime_contract(&Tabular::new(), expectations);
}
