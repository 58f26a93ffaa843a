int motet_conednn_placeholder(void) { return 0; }
