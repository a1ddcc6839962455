//! Arrays in numpy's own file format, `.npy`.
//!
//! Source: numpy 2.4.6, `numpy.lib.format`, versions 1.0, 2.0 and 3.0 of the format.

mod elements;
mod header;
mod literal;

use crate::Error;
use flowgate_core::{Shape, Tensor, element_count};
use header::Header;
use std::borrow::Cow;

/// The array of a `.npy` file, in row-major order and the byte order of this machine.
///
/// # Errors
/// When `octets` are not such a file, hold more or less than the header says, or hold something
/// else than numbers, truth values and texts.
pub fn read(octets: &[u8]) -> Result<Tensor, Error> {
    let (header, elements) = Header::read(octets)?;
    let count = element_count(&header.shape);
    let size = count.and_then(|count| count.checked_mul(header.kind.size));
    if size != Some(elements.len()) {
        let found = elements.len();
        let shape = header.shown_shape();
        return Err(Error::new(format!(
            "an array of shape {shape} and type `{}` has not {found} octets",
            header.kind.name
        )));
    }
    // Without elements there is no order, and the sizes may be any.
    let turns = header.column_major && header.shape.len() > 1 && !elements.is_empty();
    let elements = match turns {
        true => Cow::Owned(row_major(elements, header.kind.size, &header.shape)),
        false => Cow::Borrowed(elements),
    };
    let data = header.kind.read(&elements)?;
    Tensor::new(Shape::from_vec(header.shape), data).map_err(|error| Error::new(error.to_string()))
}

/// The elements, of `size` octets each, in row-major order; `octets` has them in column-major
/// order, and as many as `shape` says.
fn row_major(octets: &[u8], size: usize, shape: &[usize]) -> Vec<u8> {
    let mut turned = Vec::with_capacity(octets.len());
    // How far apart neighbours along each dimension lie in column-major order, in octets.
    let mut steps = Vec::with_capacity(shape.len());
    let mut step = size;
    for length in shape {
        steps.push(step);
        step *= length;
    }
    let mut index = vec![0; shape.len()];
    while turned.len() < octets.len() {
        let place: usize = index.iter().zip(&steps).map(|(at, step)| at * step).sum();
        turned.extend_from_slice(octets.get(place..place + size).unwrap_or_default());
        // The next index: the last dimension runs fastest.
        for (at, length) in index.iter_mut().zip(shape).rev() {
            *at += 1;
            if *at < *length {
                break;
            }
            *at = 0;
        }
    }
    turned
}

#[cfg(test)]
mod tests;
