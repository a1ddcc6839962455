#![no_main]

libfuzzer_sys::fuzz_target!(
    init: flowgate_fuzzing::let_readers_panic(),
    |data: &[u8]| flowgate_fuzzing::arrow(data)
);
