//! Products of a vector and each row of a matrix, in the order in which ONNX Runtime's kernel adds
//! them: in eight lanes, each product and each addition rounded, and then across the lanes, another
//! way for four rows at a time, for two and for one (`SgemmKernelM1TransposeBAvx` of MLAS in ONNX
//! Runtime 1.32; the orders were measured).

/// Adds the product of `vector` and each row of `matrix`, whose rows are as long as `vector`, to
/// `made`, one a row.
pub(super) fn dots(vector: &[f32], matrix: &[f32], made: &mut [f32]) {
    let count = made.len();
    let rows = matrix.chunks_exact(vector.len().max(1));
    for (nth, (row, made)) in rows.zip(made).enumerate() {
        let mut lanes = [0.0_f32; 8];
        for (one, two) in vector.chunks(8).zip(row.chunks(8)) {
            for (lane, (one, two)) in lanes.iter_mut().zip(one.iter().zip(two)) {
                *lane += one * two;
            }
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        *made += match count - nth {
            left if left > count % 4 => (((a + b) + c) + d) + (((e + f) + g) + h),
            1 if count % 2 == 1 => ((a + b) + (c + d)) + ((e + f) + (g + h)),
            _ => ((c + a) + (g + e)) + ((d + b) + (h + f)),
        };
    }
}
