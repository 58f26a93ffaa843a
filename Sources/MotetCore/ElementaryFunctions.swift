// The C library's functions under Swift names, so that no other file of the core, the graph or the
// layers needs Foundation.
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The natural logarithm.
public func logarithm(_ value: Double) -> Double { log(value) }
/// The cosine of an angle in radians.
public func cosine(_ value: Double) -> Double { cos(value) }
/// The sine of an angle in radians.
public func sine(_ value: Double) -> Double { sin(value) }
/// The exponential.
public func exponential(_ value: Double) -> Double { exp(value) }
/// `log(1 + value)`, exact for small values.
public func logarithmOnePlus(_ value: Double) -> Double { log1p(value) }
/// The hyperbolic tangent.
public func hyperbolicTangent(_ value: Double) -> Double { tanh(value) }
/// The Gauss error function.
public func errorFunction(_ value: Double) -> Double { erf(value) }
/// `base` to the power of `exponent`.
public func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
/// `exp(value) - 1`, exact for small values.
public func exponentialMinusOne(_ value: Double) -> Double { expm1(value) }
/// `1 - errorFunction(value)`, exact where the error function is near 1.
public func complementaryErrorFunction(_ value: Double) -> Double { erfc(value) }
