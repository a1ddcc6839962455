//! Memory that only a load needs.

/// Gives memory that is free back to the kernel. A load takes many times what stays of it, from
/// the allocator's arena of its own thread, which would keep it for threads to come.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "a function of the C library")]
    // SAFETY: it may be called at any time and from any thread, and moves nothing that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
}
