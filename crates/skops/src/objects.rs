//! Arrays of Python objects, which skops keeps as a list of nodes.

use crate::{Error, Node};
use flowgate_core::{Strings, Tensor};
use flowgate_json::Kind;

/// The items of an array of one dimension as a tensor: all texts, all whole numbers, all truth
/// values or all other numbers.
pub(crate) fn array<'a>(
    items: impl ExactSizeIterator<Item = Node<'a>>,
    shape: Node<'_>,
) -> Result<Tensor, Error> {
    let sizes: Vec<i64> = shape
        .items()?
        .map(Node::integer)
        .collect::<Result<_, Error>>()?;
    let [size] = sizes.as_slice() else {
        let count = sizes.len();
        return Err(Error::new(format!(
            "an array of objects of {count} dimensions, one is taken"
        )));
    };
    if usize::try_from(*size) != Ok(items.len()) {
        return Err(Error::new(format!(
            "an array of {size} objects that has {}",
            items.len()
        )));
    }
    let items: Vec<Node<'a>> = items.collect();
    let Some(first) = items.first() else {
        return Ok(Tensor::column(Strings::from_iter([""; 0])));
    };
    Ok(match first.kind()? {
        Kind::String => {
            let texts: Vec<String> = each(&items, Node::text)?;
            Tensor::column(texts.iter().map(String::as_str).collect::<Strings>())
        }
        Kind::Bool => Tensor::column(each(&items, Node::boolean)?),
        Kind::Number => match each(&items, Node::integer) {
            Ok(numbers) => Tensor::column(numbers),
            Err(_) => Tensor::column(each(&items, Node::fraction)?),
        },
        Kind::Null | Kind::Array | Kind::Object => {
            return Err(Error::new(
                "an array of objects that are no texts, numbers or truth values",
            ));
        }
    })
}

fn each<'a, T>(
    items: &[Node<'a>],
    read: impl Fn(Node<'a>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let read = |(index, item): (usize, &Node<'a>)| {
        read(*item).map_err(|error| error.inside(&format!("[{index}]")))
    };
    items.iter().enumerate().map(read).collect()
}
