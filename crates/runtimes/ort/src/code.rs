//! Giving back the code that only loading needed.
//!
//! ONNX Runtime is 27 MiB of code, of which most is there to read, check and optimise graphs. Once
//! a model is loaded none of it is executed again, but what was touched stays mapped, and counts
//! as memory of this process for as long as it runs. Unmapping it costs nothing that lasts: what
//! is needed after all comes back from the page cache, a few microseconds for 64 KiB.

#![expect(
    unsafe_code,
    reason = "the kernel's advice on memory is given by address"
)]

use std::path::Path;

/// Unmaps the code of the loaded library `path` from memory. Whatever of it is executed next is
/// mapped again by the kernel, whoever executes it, and at once for threads that are in it now.
#[cfg(target_os = "linux")]
pub(crate) fn give_back(path: &Path) {
    use rustix::mm::{Advice, madvise};
    let Ok(maps) = fs_err::read_to_string("/proc/self/maps") else {
        return;
    };
    for (start, end) in maps.lines().filter_map(|line| code_of(line, path)) {
        // SAFETY: the range is one mapping of this process, as the kernel has just told, private
        // and not writable: no page of it differs from the file, so that each may be dropped and
        // read again. The library is never unloaded, so that the range stays that mapping.
        let told = unsafe { madvise(start as *mut _, end - start, Advice::LinuxDontNeed) };
        if let Err(error) = told {
            tracing::debug!("the code of ONNX Runtime stays in memory: {error}");
        }
    }
}

/// Elsewhere the system decides.
#[cfg(not(target_os = "linux"))]
pub(crate) fn give_back(_path: &Path) {}

/// The range of a line of `/proc/self/maps`, where it is code of the file `path`.
#[cfg(target_os = "linux")]
fn code_of(line: &str, path: &Path) -> Option<(usize, usize)> {
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let is_code = words.next()? == "r-xp";
    let name = words.nth(3)?.trim_start();
    if !is_code || Path::new(name) != path {
        return None;
    }
    let number = |digits| usize::from_str_radix(digits, 16).ok();
    Some((number(start)?, number(end)?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_code_of_the_library_is_found() {
        let path = Path::new("/opt/my lib/libonnxruntime.so");
        let line = |permissions: &str, name: &str| {
            format!("7f1000-7f3000 {permissions} 00001000 fe:00 123                   {name}")
        };
        let name = "/opt/my lib/libonnxruntime.so";
        assert_eq!(
            code_of(&line("r-xp", name), path),
            Some((0x007f_1000, 0x007f_3000))
        );
        assert_eq!(code_of(&line("r--p", name), path), None);
        assert_eq!(code_of(&line("rwxp", name), path), None);
        assert_eq!(code_of(&line("r-xp", "/opt/other.so"), path), None);
        assert_eq!(code_of("7f1000-7f3000 r-xp 00000000 00:00 0 ", path), None);
    }

    /// The code of this program stands for a library: it goes on after it was given back.
    #[test]
    fn the_program_goes_on() {
        let program = std::env::current_exe().expect("this program");
        give_back(&program);
        assert_eq!("1 2".split(' ').count(), 2);
    }
}
