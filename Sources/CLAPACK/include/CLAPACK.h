#ifndef MOTET_CLAPACK_H
#define MOTET_CLAPACK_H

/// Eigenvalues and eigenvectors of a symmetric matrix, by LAPACK's `dsyev`.
///
/// - Parameters:
///   - size: rows and columns.
///   - matrix: [size, size]; on return the eigenvectors, one in each row.
///   - values: [size]: on return the eigenvalues, the least first.
/// - Returns: 0, or LAPACK's number where it did not converge or an element is not finite.
int motet_symmetric_eigen(int size, double *matrix, double *values);

#endif
