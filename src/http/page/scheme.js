try {
  const scheme = localStorage.getItem('flowgate-scheme');
  if (scheme) document.documentElement.dataset.scheme = scheme;
} catch { /* no storage: the system's scheme is used */ }
