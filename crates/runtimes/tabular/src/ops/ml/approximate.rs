//! temporary
pub(super) fn logistic(scores: &mut [f32]) {
    for x in scores {
        let v = x.clamp(-18.0, 18.0);
        let q = v * v;
        let p = |c: &[f32]| c.iter().skip(1).fold(c[0], |s, c| s.mul_add(q, *c));
        let a = p(&[
            4.370_31e-11,
            1.156_273_2e-7,
            6.085_749e-5,
            8.513_771e-3,
            2.482_879_5e-1,
        ]);
        let b = p(&[
            6.102_473_7e-13,
            5.761_021_4e-9,
            6.291_068e-6,
            1.701_988_2e-3,
            1.168_176_5e-1,
            9.931_519e-1,
        ]);
        let r = (v * a) / b + 0.5;
        *x = if r < 0.0 { 0.0 } else { r };
    }
}
pub(super) fn tanh(scores: &mut [f32]) {
    for x in scores {
        let v = x.clamp(-9.0, 9.0);
        let q = v * v;
        let p = |c: &[f32]| c.iter().skip(1).fold(c[0], |s, c| s.mul_add(q, *c));
        let a = p(&[
            -2.760_768_4e-16,
            2.000_188e-13,
            -8.604_672e-11,
            5.122_297_3e-8,
            1.485_722_35e-5,
            6.372_619_5e-4,
            4.893_524_6e-3,
        ]);
        let b = p(&[1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_7e-3, 4.893_525e-3]);
        *x = (v * a) / b;
    }
}

pub(super) fn softmax(row: &mut [f32]) {
    let highest = row
        .iter()
        .copied()
        .fold(f32::MIN, |h, x| if x > h { x } else { h });
    let c: [f32; 5] = [
        0x3AB4_A000,
        0x3C09_2F6E,
        0x3D2A_ADAD,
        0x3E2A_AA28,
        0x3EFF_FFFB,
    ]
    .map(f32::from_bits);
    let mut lanes = [0.0_f32; 8];
    for chunk in row.chunks_mut(8) {
        for (x, lane) in chunk.iter_mut().zip(&mut lanes) {
            let v = *x + -highest;
            let v = if v < -88.376_26 { -88.376_26 } else { v };
            let b = v.mul_add(std::f32::consts::LOG2_E, 12_582_912.0);
            let m = b - 12_582_912.0;
            let r = m.mul_add(-6.931_457_5e-1, v);
            let r = m.mul_add(-1.428_606_8e-6, r);
            let mut p = c[0];
            for k in &c[1..] {
                p = p.mul_add(r, *k);
            }
            p = p.mul_add(r, 1.0).mul_add(r, 1.0);
            *x = p * f32::from_bits((b.to_bits() << 23).wrapping_add(127 << 23));
            *lane += *x;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let scale = 1.0 / (((a + b) + (c + d)) + ((e + f) + (g + h)));
    for x in row {
        *x *= scale;
    }
}
