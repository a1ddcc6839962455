//! Dimensions in another order.

use super::super::blocks::{blocks, each_type};
use super::super::{shape, standard};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, Shape, Tensor};
use smallvec::SmallVec;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard("Transpose", 1, transpose, "")];

/// Which dimension of the value each of the result is; the other way round where it is empty.
struct Transpose {
    order: SmallVec<[usize; 4]>,
}

fn transpose(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let order = node.ints("perm")?;
    let rank = order.len();
    let order: Option<SmallVec<[usize; 4]>> = order
        .iter()
        .map(|place| usize::try_from(*place).ok().filter(|place| *place < rank))
        .collect();
    match order {
        Some(order) if (0..rank).all(|place| order.contains(&place)) => {
            Ok(Lowered::one(Transpose { order }, node.datatype(0)?))
        }
        _ => node.refuse("its attribute `perm` is no order of dimensions"),
    }
}

impl Operator for Transpose {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let rank = input.shape().len();
        if self.order.is_empty() {
            let order: SmallVec<[usize; 4]> = (0..rank).rev().collect();
            return Ok(one(transposed(input, &order)?));
        }
        if self.order.len() != rank {
            return Err(Fault::refused(format!(
                "found {rank} dimensions, expected {}",
                self.order.len()
            )));
        }
        Ok(one(transposed(input, &self.order)?))
    }
}

/// `tensor` with its dimensions in `order`, which names each of them once.
///
/// # Errors
/// [`Fault::Failed`] when it does not.
pub(in super::super) fn transposed(tensor: &Tensor, order: &[usize]) -> Result<Tensor, Fault> {
    let sizes = tensor.shape();
    let steps = shape::strides(sizes);
    let wrong = || Fault::failed("an order names a dimension that is not there");
    let level = |place: &usize| Some((*sizes.get(*place)?, *steps.get(*place)?));
    let levels: Option<SmallVec<[(usize, usize); 6]>> = order.iter().map(level).collect();
    let mut levels = levels.ok_or_else(wrong)?;
    let shape: Shape = levels.iter().map(|(size, _)| *size).collect();
    if shape::count(&shape)? == 0 {
        return Ok(Tensor::new(shape, Data::empty(tensor.datatype()))?);
    }
    levels.retain(|(size, _)| *size != 1);
    merge(&mut levels);
    let data = match *levels.as_slice() {
        [] | [(_, 1)] => tensor.data().clone(),
        [(columns, 1), (rows, apart)] if apart == columns => matrix(tensor.data(), rows, columns)?,
        _ => {
            let width = match levels.last() {
                Some((size, 1)) => *size,
                _ => 1,
            };
            if width > 1 {
                levels.pop();
            }
            blocks(tensor.data(), width, Places::new(&levels))?
        }
    };
    Ok(Tensor::new(shape, data)?)
}

/// Makes one of neighbours that are walked through without a jump.
fn merge(levels: &mut SmallVec<[(usize, usize); 6]>) {
    let mut merged: SmallVec<[(usize, usize); 6]> = SmallVec::new();
    for (size, step) in levels.drain(..) {
        match merged.last_mut() {
            Some(last) if last.1 == step * size => *last = (last.0 * size, step),
            _ => merged.push((size, step)),
        }
    }
    *levels = merged;
}

/// A matrix of `rows` times `columns`, column by column.
fn matrix(data: &Data, rows: usize, columns: usize) -> Result<Data, Fault> {
    Ok(each_type!(
        data,
        elements => turned(elements, rows, columns),
        texts texts => {
            let places = (0..columns).flat_map(|column| {
                (0..rows).map(move |row| row * columns + column)
            });
            places.filter_map(|place| texts.get(place)).collect()
        }
    ))
}

/// By eight rows, so that what is written lies side by side.
fn turned<T: Copy + Default>(elements: &Buffer<T>, rows: usize, columns: usize) -> Vec<T> {
    const GROUP: usize = 8;
    let mut made = vec![T::default(); elements.len()];
    for (group, block) in elements.chunks(GROUP * columns).enumerate() {
        let from = group * GROUP;
        let mut lines = block.chunks_exact(columns);
        let group: Option<[&[T]; GROUP]> = (block.len() == GROUP * columns)
            .then(|| std::array::from_fn(|_| lines.next().unwrap_or_default()));
        let places = made.chunks_exact_mut(rows).enumerate();
        match group {
            Some([a, b, c, d, e, f, g, h]) => {
                let eight = a.iter().zip(b).zip(c.iter().zip(d));
                let eight = eight.zip(e.iter().zip(f).zip(g.iter().zip(h)));
                for ((_, places), (((a, b), (c, d)), ((e, f), (g, h)))) in places.zip(eight) {
                    if let Some(places) = places.get_mut(from..from + GROUP) {
                        places.copy_from_slice(&[*a, *b, *c, *d, *e, *f, *g, *h]);
                    }
                }
            }
            None => {
                for (column, places) in places {
                    let places = places.get_mut(from..).unwrap_or_default();
                    let column = block.iter().skip(column).step_by(columns);
                    for (place, element) in places.iter_mut().zip(column) {
                        *place = *element;
                    }
                }
            }
        }
    }
    made
}

/// Where elements lie, in the order of levels of sizes and steps.
struct Places<'a> {
    levels: &'a [(usize, usize)],
    at: SmallVec<[usize; 6]>,
    next: usize,
    left: usize,
}

impl<'a> Places<'a> {
    fn new(levels: &'a [(usize, usize)]) -> Self {
        Self {
            levels,
            at: SmallVec::from_elem(0, levels.len()),
            next: 0,
            left: levels.iter().map(|(size, _)| size).product(),
        }
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let place = self.next;
        for (at, (size, step)) in self.at.iter_mut().zip(self.levels).rev() {
            *at += 1;
            if *at < *size {
                self.next += step;
                break;
            }
            *at = 0;
            self.next -= step * (size - 1);
        }
        Some(place)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(sizes: &[usize]) -> Tensor {
        let count: i64 = sizes.iter().map(|size| *size as i64).product();
        Tensor::new(sizes, (0..count).collect::<Vec<i64>>()).expect("as many as there are")
    }

    #[test]
    fn a_matrix_is_turned_by_groups_as_one_by_one() {
        let tensor = numbered(&[37, 18]);
        let made = transposed(&tensor, &[1, 0]).expect("an order");
        let expected: Vec<i64> = (0..18)
            .flat_map(|column| (0..37).map(move |row| row * 18 + column))
            .collect();
        assert_eq!(
            made,
            Tensor::new([18, 37].as_slice(), expected).expect("as many")
        );
    }

    #[test]
    fn neighbours_that_stay_neighbours_are_moved_together() {
        let tensor = numbered(&[2, 3, 1, 4]);
        let made = transposed(&tensor, &[1, 0, 2, 3]).expect("an order");
        let expected = [0, 12, 4, 16, 8, 20]
            .into_iter()
            .flat_map(|start| start..start + 4);
        let expected: Vec<i64> = expected.collect();
        assert_eq!(
            made,
            Tensor::new([3, 2, 1, 4].as_slice(), expected).expect("as many")
        );
    }
}
