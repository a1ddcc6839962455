//! `cargo xtask onnxruntime`: brings the library of ONNX Runtime into the cache folder.
//!
//! It comes out of the wheel that the project publishes on PyPI, through pip, with the licence
//! files of that wheel beside it. The wheel and the library are pinned by their sha256. Nothing is
//! installed into a Python environment.
//!
//! Which versions a server accepts and where it looks for the library is the business of the
//! runtime's crate, not of this command.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, cache, process};

/// The version that the tests and the container image use.
const VERSION: &str = "1.32.0";

/// What to take for one kind of machine.
struct Build {
    /// As in [`std::env::consts::ARCH`].
    arch: &'static str,
    /// The platform tag in the wheel's name.
    platform: &'static str,
    /// The sha256 of the wheel.
    wheel: &'static str,
    /// The sha256 of the library inside it.
    library: &'static str,
}

/// The wheels for CPython 3.11; the library is the same in the wheels of other Python versions.
const BUILDS: &[Build] = &[
    Build {
        arch: "x86_64",
        platform: "manylinux_2_28_x86_64",
        wheel: "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d",
        library: "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f",
    },
    Build {
        arch: "aarch64",
        platform: "manylinux_2_28_aarch64",
        wheel: "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c",
        library: "49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a",
    },
];

/// Licence files: the name in the wheel, the name beside the library.
const NOTICES: &[(&str, &str)] = &[
    ("onnxruntime/LICENSE", "LICENSE"),
    ("onnxruntime/ThirdPartyNotices.txt", "ThirdPartyNotices.txt"),
];

/// Brings the library if it is not there and prints its path on the last line.
pub(crate) fn run() -> Outcome {
    println!("{}", ensure()?.display());
    Ok(())
}

/// Brings the library if it is not there, or is another file than it should be; gives its path.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    let build = build_for(std::env::consts::OS, std::env::consts::ARCH)?;
    let folder = cache::folder()?.join("onnxruntime").join(VERSION);
    let library = folder.join("libonnxruntime.so");
    let notices_there = NOTICES.iter().all(|(_, name)| folder.join(name).is_file());
    if notices_there && library.is_file() && cache::sha256(&library)? == build.library {
        return Ok(library);
    }

    fs_err::create_dir_all(&folder)?;
    let download = tempfile::Builder::new()
        .prefix(".download-")
        .tempdir_in(&folder)?;
    let wheel = download_wheel(build, download.path())?;
    expect_sha256(&wheel, build.wheel)?;
    for (inside, name) in NOTICES {
        extract(&wheel, inside, &folder.join(name))?;
    }
    // Last: a library that is there means that its licence files are there as well.
    extract(
        &wheel,
        &format!("onnxruntime/capi/libonnxruntime.so.{VERSION}"),
        &library,
    )?;
    expect_sha256(&library, build.library)?;
    Ok(library)
}

fn build_for(os: &str, arch: &str) -> Outcome<&'static Build> {
    let known = BUILDS
        .iter()
        .find(|build| os == "linux" && build.arch == arch);
    known.ok_or_else(|| {
        format!(
            "no library of onnxruntime {VERSION} is pinned for {arch} {os}, only for x86_64 and aarch64 linux; \
             hint: install the library where the server finds it and run `cargo test --workspace`"
        )
        .into()
    })
}

fn download_wheel(build: &Build, folder: &Path) -> Outcome<PathBuf> {
    if !process::works(Command::new("python3").args(["-m", "pip", "--version"])) {
        return Err("`python3` with `pip` is needed to download onnxruntime; \
             hint: install both, on Debian with `apt-get install python3 python3-pip`"
            .into());
    }
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ])
    // The wheel of one Python version and platform, whichever Python asks for it: only that
    // file has the pinned sha256.
    .args([
        "--only-binary=:all:",
        "--python-version",
        "3.11",
        "--implementation",
        "cp",
    ])
    .args(["--abi", "cp311", "--platform", build.platform, "--dest"])
    .arg(folder)
    .arg(format!("onnxruntime=={VERSION}"));
    process::run(&mut pip)?;
    let wheel = folder.join(format!(
        "onnxruntime-{VERSION}-cp311-cp311-{}.whl",
        build.platform
    ));
    if !wheel.is_file() {
        return Err(format!("pip did not download `{}`", wheel.display()).into());
    }
    Ok(wheel)
}

fn expect_sha256(path: &Path, expected: &str) -> Outcome {
    let found = cache::sha256(path)?;
    if found == expected {
        return Ok(());
    }
    fs_err::remove_file(path)?;
    Err(format!(
        "`{}` has sha256 {found}, expected {expected}; it was removed",
        path.display()
    )
    .into())
}

fn extract(archive: &Path, inside: &str, target: &Path) -> Outcome {
    let mut zip = zip::ZipArchive::new(fs_err::File::open(archive)?)
        .map_err(|error| format!("`{}` is not a zip archive: {error}", archive.display()))?;
    let mut member = zip
        .by_name(inside)
        .map_err(|error| format!("`{inside}` in `{}`: {error}", archive.display()))?;
    cache::write_atomically(target, &mut member)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn linux_on_two_processors_is_known_and_the_rest_gets_a_hint() {
        assert_eq!(
            build_for("linux", "x86_64").unwrap().platform,
            "manylinux_2_28_x86_64"
        );
        assert_eq!(
            build_for("linux", "aarch64").unwrap().platform,
            "manylinux_2_28_aarch64"
        );
        for (os, arch) in [("macos", "aarch64"), ("linux", "riscv64")] {
            let error = build_for(os, arch).err().unwrap().to_string();
            assert!(error.contains(&format!("for {arch} {os}")) && error.contains("cargo test"));
        }
    }

    #[test]
    fn a_file_with_another_sha256_is_refused_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wheel");
        fs_err::write(&path, "abc").unwrap();
        let found = cache::sha256(&path).unwrap();
        expect_sha256(&path, &found).unwrap();
        assert!(path.exists());
        let error = expect_sha256(&path, &found.replace('b', "c")).unwrap_err();
        assert!(error.to_string().contains(&found), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_member_is_extracted_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.whl");
        let mut zip = zip::ZipWriter::new(fs_err::File::create(&archive).unwrap());
        zip.start_file("x/LICENSE", zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(b"words").unwrap();
        zip.finish().unwrap();

        let target = folder.path().join("out/LICENSE");
        extract(&archive, "x/LICENSE", &target).unwrap();
        assert_eq!(fs_err::read(&target).unwrap(), b"words");
        let error = extract(&archive, "x/NOTICE", &target)
            .unwrap_err()
            .to_string();
        assert!(error.contains("x/NOTICE"), "{error}");
    }
}
