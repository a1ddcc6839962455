//! The sums of a row alone, which ONNX Runtime's kernel adds in eight lanes, each product and each
//! addition rounded, and then across the lanes: for four sums at a time, then two, then one
//! (`SgemmKernelM1TransposeBAvx` of MLAS in ONNX Runtime 1.32; the orders were measured).

use super::products::Products;

type Lanes = [f32; 8];

/// Writes the sums of `row` to `made`.
pub(super) fn alone(products: &Products<'_>, row: &[f32], made: &mut [f32]) {
    let weights = products.weights.chunks_exact(products.features);
    let of_four = made.len() / 4 * 4;
    let of_two = made.len() / 2 * 2;
    for (sum, (made, weights)) in made.iter_mut().zip(weights).enumerate() {
        let lanes = in_lanes(row, weights);
        let total = if sum < of_four {
            one_by_one(lanes)
        } else if sum < of_two {
            every_other(lanes)
        } else {
            neighbours(lanes)
        };
        *made = products.first(sum).unwrap_or(0.0) + total;
    }
}

fn in_lanes(row: &[f32], weights: &[f32]) -> Lanes {
    let mut lanes = [0.0; 8];
    for (cells, weights) in row.chunks(8).zip(weights.chunks(8)) {
        for ((lane, cell), weight) in lanes.iter_mut().zip(cells).zip(weights) {
            *lane += cell * weight;
        }
    }
    lanes
}

fn one_by_one([a, b, c, d, e, f, g, h]: Lanes) -> f32 {
    (((a + b) + c) + d) + (((e + f) + g) + h)
}

fn every_other([a, b, c, d, e, f, g, h]: Lanes) -> f32 {
    ((a + c) + (e + g)) + ((b + d) + (f + h))
}

fn neighbours([a, b, c, d, e, f, g, h]: Lanes) -> f32 {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}
