# Poppler's pdftotext, for the tests alone: it reads the report of an evidence pack as a stranger's program would. Sourced by ../setup.sh.

install_poppler() {
  have pdftotext && return
  lock "$cache"
  if ! have pdftotext; then
    packages=' poppler-utils'
    may_install '  - pdftotext for the tests, in the PATH (Debian: poppler-utils)'
    step 'Poppler for the tests' apt_install poppler-utils
  fi
  unlock
}
