# Does nothing, not even to come or go.
.include "module.inc"

info "description=ktruth"
info "license=GPL"

module kt_noinit
