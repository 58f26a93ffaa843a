#include "CLAPACK.h"

#include <lapacke.h>

int motet_symmetric_eigen(int size, double *matrix, double *values) {
    // Column-major, so that eigenvectors, LAPACK's columns, are our rows; the matrix equals its transpose.
    return (int)LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', size, matrix, size, values);
}
