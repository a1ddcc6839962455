//! The structural rules of a file, checked once when it is read.
//!
//! Rules after `docs/IR.md` of `onnx` 1.23.2: within one graph every value has one producer
//! (input, initializer or node output), nodes come after the producers of what they read, and a
//! subgraph may read what is known before the node that holds it. A name of an outer graph may be
//! produced again by a subgraph: the specification forbids it, exporters do it, and it has one
//! meaning only. Types and shapes are not inferred, and operators are not looked up.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::error::{OnnxError, shown};
use crate::limits::Limits;
use crate::model::Operator;
use crate::node::{Node, normal_domain};
use crate::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    SparseTensorProto, TensorProto,
};
use crate::tensor::TensorRef;

/// What the walk over a file collects.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) operators: BTreeMap<Operator, usize>,
    pub(crate) external: BTreeSet<String>,
    nodes: u64,
}

/// Checks a whole file.
pub(crate) fn validate(model: &ModelProto, limits: &Limits) -> Result<Facts, OnnxError> {
    let graph = model.graph.as_ref().ok_or(OnnxError::NoGraph)?;
    let mut walk = Walk {
        limits,
        facts: Facts::default(),
    };
    for entry in &model.opset_import {
        walk.name("domain", entry.domain())?;
    }
    walk.graph(graph, &mut Vec::new())?;
    walk.functions(&model.functions)?;
    for training in &model.training_info {
        let graphs = training.initialization.iter().chain(&training.algorithm);
        for graph in graphs {
            walk.tensors_of(graph, 1)?;
        }
    }
    Ok(walk.facts)
}

/// The versions of operator sets by normal domain.
pub(crate) fn opsets(imports: &[OperatorSetIdProto]) -> Result<BTreeMap<String, i64>, OnnxError> {
    let mut opsets = BTreeMap::new();
    for import in imports {
        let domain = normal_domain(import.domain());
        match opsets.insert(domain.to_owned(), import.version()) {
            Some(first) if first != import.version() => {
                return Err(OnnxError::ConflictingOpset {
                    domain: shown(domain),
                    first,
                    second: import.version(),
                });
            }
            _ => {}
        }
    }
    Ok(opsets)
}

/// The values of one graph: those known so far, and those its later nodes will produce.
#[derive(Default)]
struct Scope<'a> {
    known: HashSet<&'a str>,
    produced: HashSet<&'a str>,
}

/// What is known of a name at some place of a graph.
enum Lookup {
    Known,
    Later,
    Nowhere,
}

struct Walk<'l> {
    limits: &'l Limits,
    facts: Facts,
}

impl Walk<'_> {
    fn graph<'a>(
        &mut self,
        graph: &'a GraphProto,
        scopes: &mut Vec<Scope<'a>>,
    ) -> Result<(), OnnxError> {
        if scopes.len() >= self.limits.levels() {
            return Err(OnnxError::TooDeep {
                what: "graphs",
                limit: self.limits.levels(),
            });
        }
        self.name("name of a graph", graph.name())?;
        let mut scope = Scope::default();
        for input in &graph.input {
            self.define(graph, "an input", input.name(), &mut scope.known)?;
        }
        // an initializer of an input's name is that input's default
        let mut constants = HashSet::new();
        for tensor in &graph.initializer {
            self.tensor(tensor)?;
            self.define(graph, "an initializer", tensor.name(), &mut constants)?;
        }
        for sparse in &graph.sparse_initializer {
            self.sparse(sparse)?;
            let name = sparse.values.as_ref().map_or("", |values| values.name());
            self.define(graph, "an initializer", name, &mut constants)?;
        }
        scope.known.extend(constants);
        scopes.push(scope);
        self.nodes(&graph.node, graph.name(), scopes)?;

        let mut outputs = HashSet::new();
        for output in &graph.output {
            let name = output.name();
            self.name("name of a value", name)?;
            if name.is_empty() {
                return Err(OnnxError::Unnamed {
                    graph: shown(graph.name()),
                    what: "an output",
                });
            }
            if !outputs.insert(name) {
                return Err(OnnxError::DuplicateOutput {
                    graph: shown(graph.name()),
                    value: shown(name),
                });
            }
            if !matches!(lookup(scopes, name), Lookup::Known) {
                return Err(OnnxError::UndefinedOutput {
                    graph: shown(graph.name()),
                    value: shown(name),
                });
            }
        }
        for info in graph.input.iter().chain(&graph.output) {
            self.symbols(info)?;
        }
        scopes.pop();
        Ok(())
    }

    /// Nodes of a graph or a function, whose scope is the last of `scopes`.
    fn nodes<'a>(
        &mut self,
        nodes: &'a [NodeProto],
        owner: &str,
        scopes: &mut Vec<Scope<'a>>,
    ) -> Result<(), OnnxError> {
        if let Some(scope) = scopes.last_mut() {
            let outputs = nodes.iter().flat_map(|node| &node.output);
            for output in outputs.filter(|output| !output.is_empty()) {
                if scope.known.contains(output.as_str()) || !scope.produced.insert(output) {
                    return Err(OnnxError::DuplicateValue {
                        graph: shown(owner),
                        value: shown(output),
                    });
                }
            }
        }
        for proto in nodes {
            let node = Node::new(proto);
            self.count(node)?;
            self.name("name of a node", node.name())?;
            self.name("operator", node.op_type())?;
            self.name("domain", proto.domain())?;
            for name in node.inputs().iter().chain(node.outputs()) {
                self.name("name of a value", name)?;
            }
            for input in node.inputs().iter().filter(|input| !input.is_empty()) {
                match lookup(scopes, input) {
                    Lookup::Known => {}
                    Lookup::Later => {
                        return Err(OnnxError::OutOfOrder {
                            node: node.label(),
                            value: shown(input),
                        });
                    }
                    Lookup::Nowhere => {
                        return Err(OnnxError::UndefinedInput {
                            node: node.label(),
                            value: shown(input),
                        });
                    }
                }
            }
            let mut names = HashSet::new();
            for attribute in &proto.attribute {
                // readers differ in which of two they take
                if !names.insert(attribute.name()) {
                    return Err(OnnxError::DuplicateAttribute {
                        node: node.label(),
                        attribute: shown(attribute.name()),
                    });
                }
                self.attribute(attribute)?;
            }
            for subgraph in node.subgraphs() {
                self.graph(subgraph.proto(), scopes)?;
            }
            if let Some(scope) = scopes.last_mut() {
                scope.known.extend(proto.output.iter().map(String::as_str));
            }
        }
        Ok(())
    }

    fn functions(&mut self, functions: &[FunctionProto]) -> Result<(), OnnxError> {
        let mut index: HashMap<Identity<'_>, usize> = HashMap::new();
        for (at, function) in functions.iter().enumerate() {
            self.name("name of a function", function.name())?;
            self.name("domain", function.domain())?;
            if index.insert(identity(function), at).is_some() {
                return Err(OnnxError::DuplicateFunction {
                    function: shown(function.name()),
                });
            }
            opsets(&function.opset_import)?;
            let mut scope = Scope::default();
            for input in &function.input {
                self.name("name of a value", input)?;
                if !scope.known.insert(input) {
                    return Err(OnnxError::DuplicateValue {
                        graph: shown(function.name()),
                        value: shown(input),
                    });
                }
            }
            for attribute in &function.attribute_proto {
                self.attribute(attribute)?;
            }
            let mut scopes = vec![scope];
            self.nodes(&function.node, function.name(), &mut scopes)?;
            for output in &function.output {
                if !matches!(lookup(&scopes, output), Lookup::Known) {
                    return Err(OnnxError::UndefinedOutput {
                        graph: shown(function.name()),
                        value: shown(output),
                    });
                }
            }
        }
        no_recursion(functions, &index)
    }

    fn attribute(&mut self, attribute: &AttributeProto) -> Result<(), OnnxError> {
        self.name("name of an attribute", attribute.name())?;
        for tensor in attribute.t.as_deref().into_iter().chain(&attribute.tensors) {
            self.tensor(tensor)?;
        }
        for sparse in attribute
            .sparse_tensor
            .as_deref()
            .into_iter()
            .chain(&attribute.sparse_tensors)
        {
            self.sparse(sparse)?;
        }
        Ok(())
    }

    fn tensor(&mut self, tensor: &TensorProto) -> Result<(), OnnxError> {
        self.name("name of a tensor", tensor.name())?;
        let view = TensorRef::new(tensor);
        view.check(self.limits.elements)?;
        if let Some(external) = view.external()? {
            self.facts.external.insert(external.location);
        }
        Ok(())
    }

    fn sparse(&mut self, sparse: &SparseTensorProto) -> Result<(), OnnxError> {
        for tensor in sparse.values.iter().chain(&sparse.indices) {
            self.tensor(tensor)?;
        }
        Ok(())
    }

    /// Graphs that are not run, of which only the tensors matter: they may name other files.
    fn tensors_of(&mut self, graph: &GraphProto, depth: usize) -> Result<(), OnnxError> {
        if depth > self.limits.levels() {
            return Err(OnnxError::TooDeep {
                what: "graphs",
                limit: self.limits.levels(),
            });
        }
        for tensor in &graph.initializer {
            self.tensor(tensor)?;
        }
        for sparse in &graph.sparse_initializer {
            self.sparse(sparse)?;
        }
        for node in &graph.node {
            for attribute in &node.attribute {
                self.attribute(attribute)?;
            }
            for subgraph in Node::new(node).subgraphs() {
                self.tensors_of(subgraph.proto(), depth + 1)?;
            }
        }
        Ok(())
    }

    fn define<'a>(
        &self,
        graph: &GraphProto,
        what: &'static str,
        name: &'a str,
        names: &mut HashSet<&'a str>,
    ) -> Result<(), OnnxError> {
        self.name("name of a value", name)?;
        if name.is_empty() {
            return Err(OnnxError::Unnamed {
                graph: shown(graph.name()),
                what,
            });
        }
        if !names.insert(name) {
            return Err(OnnxError::DuplicateValue {
                graph: shown(graph.name()),
                value: shown(name),
            });
        }
        Ok(())
    }

    fn count(&mut self, node: Node<'_>) -> Result<(), OnnxError> {
        self.facts.nodes += 1;
        if self.facts.nodes > self.limits.nodes {
            return Err(OnnxError::TooMany {
                what: "nodes",
                limit: self.limits.nodes,
            });
        }
        let operator = Operator {
            domain: node.domain().to_owned(),
            op_type: node.op_type().to_owned(),
        };
        *self.facts.operators.entry(operator).or_default() += 1;
        Ok(())
    }

    fn symbols(&self, info: &crate::proto::ValueInfoProto) -> Result<(), OnnxError> {
        use crate::proto::{DimensionValue, TypeValue};
        if let Some(TypeValue::Tensor(tensor)) = info
            .r#type
            .as_ref()
            .and_then(|r#type| r#type.value.as_ref())
        {
            for dim in tensor.shape.iter().flat_map(|shape| &shape.dim) {
                if let Some(DimensionValue::Param(name)) = &dim.value {
                    self.name("name of a dimension", name)?;
                }
            }
        }
        Ok(())
    }

    fn name(&self, what: &'static str, name: &str) -> Result<(), OnnxError> {
        if name.len() > self.limits.name_bytes {
            return Err(OnnxError::NameTooLong {
                what,
                start: shown(name),
                length: name.len(),
                limit: self.limits.name_bytes,
            });
        }
        Ok(())
    }
}

fn lookup(scopes: &[Scope<'_>], name: &str) -> Lookup {
    if scopes.iter().any(|scope| scope.known.contains(name)) {
        Lookup::Known
    } else if scopes.iter().any(|scope| scope.produced.contains(name)) {
        Lookup::Later
    } else {
        Lookup::Nowhere
    }
}

type Identity<'a> = (&'a str, &'a str, &'a str);

fn identity(function: &FunctionProto) -> Identity<'_> {
    (
        normal_domain(function.domain()),
        function.name(),
        function.overload(),
    )
}

/// Takes away functions that call nobody who is left, until none is left (Kahn's algorithm).
fn no_recursion(
    functions: &[FunctionProto],
    index: &HashMap<Identity<'_>, usize>,
) -> Result<(), OnnxError> {
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); functions.len()];
    let mut waiting_for = vec![0_usize; functions.len()];
    for (at, function) in functions.iter().enumerate() {
        let mut callees: HashSet<usize> = HashSet::new();
        for node in crate::model::AllNodes::new([function.node.as_slice()]) {
            let call = (node.domain(), node.op_type(), node.proto().overload());
            callees.extend(index.get(&call).copied());
        }
        for callee in callees {
            if let (Some(list), Some(count)) = (callers.get_mut(callee), waiting_for.get_mut(at)) {
                list.push(at);
                *count += 1;
            }
        }
    }
    let mut free: Vec<usize> = (0..functions.len())
        .filter(|at| waiting_for.get(*at) == Some(&0))
        .collect();
    while let Some(at) = free.pop() {
        for caller in callers.get(at).into_iter().flatten() {
            if let Some(count) = waiting_for.get_mut(*caller) {
                *count -= 1;
                if *count == 0 {
                    free.push(*caller);
                }
            }
        }
    }
    match functions
        .iter()
        .zip(waiting_for)
        .find(|(_, count)| *count > 0)
    {
        Some((function, _)) => Err(OnnxError::RecursiveFunction {
            function: shown(function.name()),
        }),
        None => Ok(()),
    }
}
