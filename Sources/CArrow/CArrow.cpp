int motet_carrow_placeholder(void) { return 0; }
