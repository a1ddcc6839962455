//! Rules about which crate depends on which.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::Findings;
use crate::Outcome;

/// The crates that bring an async runtime or HTTP.
const SERVER: &[&str] = &["axum", "hyper", "tokio"];

/// The contract depends on nothing that serves, runs or measures.
pub(super) fn core_stays_plain(graph: &Graph) -> Findings {
    let banned = |name: &str| SERVER.contains(&name) || name == "prometheus" || is_engine(name);
    graph
        .packages
        .iter()
        .filter(|package| package.name == "flowgate-core")
        .flat_map(|package| reaches(graph, package, banned, "the contract stays free of it"))
        .collect()
}

/// An engine is imported by its own runtime crate and by no other.
pub(super) fn engines_have_one_user(graph: &Graph) -> Findings {
    let mut findings = Findings::new();
    for package in graph.members() {
        for dependency in package
            .direct
            .iter()
            .filter(|direct| is_engine(&direct.name))
        {
            let user = if dependency.name.starts_with("tract") {
                "runtime-tract"
            } else {
                "runtime-ort"
            };
            if package.name != user {
                findings.push(format!(
                    "{}: depends on `{}`, which only `{user}` may import",
                    package.folder, dependency.name
                ));
            }
        }
    }
    findings
}

/// A flavor says what files mean; it runs nothing and serves nothing.
pub(super) fn flavors_never_execute(graph: &Graph) -> Findings {
    let banned = |name: &str| {
        SERVER.contains(&name)
            || is_engine(name)
            || name == "runtimes"
            || name.starts_with("runtime-")
    };
    graph
        .members()
        .filter(|package| is_below(&package.folder, "flavors"))
        .flat_map(|package| reaches(graph, package, banned, "a flavor never executes or serves"))
        .collect()
}

/// A runtime gets tensors; JSON and HTTP are for others.
pub(super) fn runtimes_know_no_wire(graph: &Graph) -> Findings {
    let mut findings = Findings::new();
    for package in graph
        .members()
        .filter(|package| is_below(&package.folder, "crates/runtimes"))
    {
        let wire = |name: &str| SERVER.contains(&name);
        findings.extend(reaches(
            graph,
            package,
            wire,
            "a runtime knows no HTTP and no async",
        ));
        // Not what it reaches: the contract parses manifests.
        for direct in &package.direct {
            if direct.name == "serde_json" && direct.is_normal {
                findings.push(format!(
                    "{}: depends on `serde_json`, but a runtime knows no JSON",
                    package.folder
                ));
            }
        }
    }
    findings
}

/// The dependencies as `cargo metadata` tells them.
pub(super) struct Graph {
    packages: Vec<Package>,
    index: HashMap<String, usize>,
}

struct Package {
    name: String,
    /// Of a workspace member: its folder below the root, empty for the root package.
    folder: String,
    is_member: bool,
    /// What its `Cargo.toml` names, of every kind.
    direct: Vec<Direct>,
    /// The ids of what its library and binaries are built with.
    normal: Vec<String>,
}

struct Direct {
    name: String,
    /// Neither for tests nor for the build script.
    is_normal: bool,
}

/// A crate of this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crate {
    pub(super) name: String,
    /// Below the root, empty for the root package.
    pub(super) folder: String,
}

impl Graph {
    /// Reads the output of `cargo metadata --format-version 1`.
    pub(super) fn parse(metadata: &[u8]) -> Outcome<Self> {
        let metadata: Value = serde_json::from_slice(metadata)?;
        let root = text(&metadata["workspace_root"])?;
        let members: BTreeSet<&str> = list(&metadata["workspace_members"])?
            .iter()
            .map(text)
            .collect::<Outcome<_>>()?;
        let mut graph = Self {
            packages: Vec::new(),
            index: HashMap::new(),
        };
        for package in list(&metadata["packages"])? {
            let id = text(&package["id"])?;
            let manifest = text(&package["manifest_path"])?;
            let folder = manifest
                .strip_prefix(root)
                .and_then(|rest| rest.strip_suffix("Cargo.toml"));
            let direct = list(&package["dependencies"])?.iter().map(|dependency| {
                let is_normal = dependency["kind"].is_null();
                Ok(Direct {
                    name: text(&dependency["name"])?.to_owned(),
                    is_normal,
                })
            });
            graph.index.insert(id.to_owned(), graph.packages.len());
            graph.packages.push(Package {
                name: text(&package["name"])?.to_owned(),
                folder: folder.unwrap_or(manifest).trim_matches('/').to_owned(),
                is_member: members.contains(id),
                direct: direct.collect::<Outcome<_>>()?,
                normal: Vec::new(),
            });
        }
        for node in list(&metadata["resolve"]["nodes"])? {
            let mut normal = Vec::new();
            for dependency in list(&node["deps"])? {
                if list(&dependency["dep_kinds"])?
                    .iter()
                    .any(|kind| kind["kind"].is_null())
                {
                    normal.push(text(&dependency["pkg"])?.to_owned());
                }
            }
            if let Some(&at) = graph.index.get(text(&node["id"])?) {
                graph.packages[at].normal = normal;
            }
        }
        Ok(graph)
    }

    /// The crates of this workspace.
    pub(super) fn crates(&self) -> Vec<Crate> {
        let members = self.members();
        members
            .map(|package| Crate {
                name: package.name.clone(),
                folder: package.folder.clone(),
            })
            .collect()
    }

    fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_member)
    }
}

/// A finding for each package that `from` is built with, however far away, and that is banned; each
/// with one of the ways to it.
fn reaches(graph: &Graph, from: &Package, banned: impl Fn(&str) -> bool, why: &str) -> Findings {
    let mut findings = Findings::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![(from, vec![from.name.as_str()])];
    while let Some((package, way)) = open.pop() {
        for id in &package.normal {
            let Some(next) = graph.index.get(id).map(|&at| &graph.packages[at]) else {
                continue;
            };
            if !seen.insert(id) {
                continue;
            }
            let way = [way.as_slice(), &[next.name.as_str()]].concat();
            if banned(&next.name) {
                let way = way.join(" -> ");
                findings.push(format!(
                    "{}: depends on `{}` ({way}), but {why}",
                    from.folder, next.name
                ));
            } else {
                open.push((next, way));
            }
        }
    }
    findings.sort();
    findings
}

fn is_engine(name: &str) -> bool {
    name == "ort" || name == "ort-sys" || name == "tract" || name.starts_with("tract-")
}

/// Whether a folder is `parent` or lies in it.
fn is_below(folder: &str, parent: &str) -> bool {
    folder
        .strip_prefix(parent)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn text(value: &Value) -> Outcome<&str> {
    value
        .as_str()
        .ok_or_else(|| format!("`cargo metadata` has {value} where text should be").into())
}

fn list(value: &Value) -> Outcome<&[Value]> {
    let list = value.as_array().map(Vec::as_slice);
    list.ok_or_else(|| format!("`cargo metadata` has {value} where a list should be").into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A graph of crates; those with a folder are of this workspace.
    fn graph(crates: &[(&str, Option<&str>, &[&str])]) -> Graph {
        let dependency = |name: &&str| json!({"name": name, "kind": null});
        let packages = crates.iter().map(|(name, folder, dependencies)| {
            let folder =
                folder.map_or_else(|| format!("/registry/{name}"), |at| format!("/ws/{at}"));
            json!({
                "id": name,
                "name": name,
                "manifest_path": format!("{folder}/Cargo.toml"),
                "dependencies": dependencies.iter().map(dependency).collect::<Vec<_>>(),
            })
        });
        let nodes = crates.iter().map(|(name, _, dependencies)| {
            let deps = dependencies
                .iter()
                .map(|to| json!({"pkg": to, "dep_kinds": [{"kind": null}]}));
            json!({"id": name, "deps": deps.collect::<Vec<_>>()})
        });
        let members = crates
            .iter()
            .filter(|(_, folder, _)| folder.is_some())
            .map(|(name, ..)| name);
        let metadata = json!({
            "workspace_root": "/ws",
            "workspace_members": members.collect::<Vec<_>>(),
            "packages": packages.collect::<Vec<_>>(),
            "resolve": {"nodes": nodes.collect::<Vec<_>>()},
        });
        Graph::parse(metadata.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_core_may_not_reach_a_server_crate_at_any_distance() {
        let core = (
            "flowgate-core",
            Some("crates/core"),
            &["serde", "middle"][..],
        );
        let tokio = ("tokio", None, &[][..]);
        let plain = graph(&[core, ("serde", None, &[]), ("middle", None, &[]), tokio]);
        assert_eq!(core_stays_plain(&plain), Findings::new());
        let bad = graph(&[
            core,
            ("serde", None, &[]),
            ("middle", None, &["tokio"]),
            tokio,
        ]);
        let expected = "crates/core: depends on `tokio` (flowgate-core -> middle -> tokio), \
                        but the contract stays free of it";
        assert_eq!(core_stays_plain(&bad), [expected]);
    }

    #[test]
    fn what_the_core_needs_for_its_tests_alone_is_free() {
        let mut metadata = json!({
            "workspace_root": "/ws",
            "workspace_members": ["core"],
            "packages": [
                {"id": "core", "name": "flowgate-core", "manifest_path": "/ws/crates/core/Cargo.toml",
                 "dependencies": [{"name": "tokio", "kind": "dev"}]},
                {"id": "tokio", "name": "tokio", "manifest_path": "/registry/Cargo.toml", "dependencies": []},
            ],
            "resolve": {"nodes": [
                {"id": "core", "deps": [{"pkg": "tokio", "dep_kinds": [{"kind": "dev"}]}]},
            ]},
        });
        let parse = |metadata: &Value| Graph::parse(metadata.to_string().as_bytes()).unwrap();
        assert_eq!(core_stays_plain(&parse(&metadata)), Findings::new());
        metadata["resolve"]["nodes"][0]["deps"][0]["dep_kinds"][0]["kind"] = Value::Null;
        assert_eq!(core_stays_plain(&parse(&metadata)).len(), 1);
    }

    #[test]
    fn only_the_runtime_of_an_engine_may_name_it() {
        let good = graph(&[
            ("runtime-ort", Some("crates/runtimes/ort"), &["ort"]),
            (
                "runtime-tract",
                Some("crates/runtimes/tract"),
                &["tract-onnx"],
            ),
            ("ort", None, &["ort-sys"]),
        ]);
        assert_eq!(engines_have_one_user(&good), Findings::new());
        let bad = graph(&[
            ("flowgate", Some(""), &["ort", "orthodox"]),
            ("runtime-ort", Some("crates/runtimes/ort"), &["tract-onnx"]),
        ]);
        let expected = [
            ": depends on `ort`, which only `runtime-ort` may import",
            "crates/runtimes/ort: depends on `tract-onnx`, which only `runtime-tract` may import",
        ];
        assert_eq!(engines_have_one_user(&bad), expected);
    }

    #[test]
    fn a_flavor_may_not_reach_a_runtime() {
        let runtime = ("runtime-ort", Some("crates/runtimes/ort"), &["tokio"][..]);
        let good = graph(&[
            ("flavor-onnx", Some("flavors/onnx"), &["serde"]),
            ("serde", None, &[]),
            runtime,
        ]);
        assert_eq!(flavors_never_execute(&good), Findings::new());
        let bad = graph(&[
            ("flavor-onnx", Some("flavors/onnx"), &["runtime-ort"]),
            runtime,
        ]);
        let findings = flavors_never_execute(&bad);
        assert!(
            findings.len() == 1 && findings[0].contains("`runtime-ort`"),
            "{findings:?}"
        );
    }

    #[test]
    fn a_runtime_may_reach_json_through_the_core_but_not_name_it() {
        let core = ("flowgate-core", Some("crates/core"), &["serde_json"][..]);
        let json = ("serde_json", None, &[][..]);
        let good = graph(&[
            (
                "runtime-ort",
                Some("crates/runtimes/ort"),
                &["flowgate-core"],
            ),
            core,
            json,
        ]);
        assert_eq!(runtimes_know_no_wire(&good), Findings::new());
        let bad = graph(&[
            ("runtime-ort", Some("crates/runtimes/ort"), &["serde_json"]),
            json,
        ]);
        assert_eq!(runtimes_know_no_wire(&bad).len(), 1);
        let tokio = ("tokio", None, &[][..]);
        let bad = graph(&[("runtimes", Some("crates/runtimes"), &["tokio"]), tokio]);
        assert_eq!(runtimes_know_no_wire(&bad).len(), 1);
    }
}
