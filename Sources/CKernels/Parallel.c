int motet_ckernels_placeholder(void) { return 0; }
