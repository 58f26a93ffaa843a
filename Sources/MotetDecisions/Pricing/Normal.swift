import Foundation

/// The standard normal distribution.
enum Normal {
    /// The share below a number.
    static func below(_ number: Double) -> Double { erfc(-number / 2.0.squareRoot()) / 2 }

    /// The density at a number.
    static func density(_ number: Double) -> Double {
        exp(-number * number / 2) / (2 * Double.pi).squareRoot()
    }

    /// The number that a share is below, to about 16 digits.
    ///
    /// - Parameter share: more than 0 and less than 1.
    /// - Returns: the number.
    /// - Source: Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37, 1988, the
    ///   routine PPND16. <https://doi.org/10.2307/2347330>
    static func quantile(_ share: Double) -> Double {
        let middle = share - 0.5
        guard abs(middle) <= 0.425 else { return farQuantile(share, middle) }
        let r = 0.180625 - middle * middle
        return middle * polynomial(r, Self.a) / polynomial(r, Self.b)
    }

    /// The numbers that four shares are below, each with the bits it has by itself.
    ///
    /// - Parameter shares: more than 0 and less than 1.
    /// - Returns: the numbers.
    static func quantiles(_ shares: SIMD4<Double>) -> SIMD4<Double> {
        let middles = shares - 0.5
        let r = 0.180625 - middles * middles
        var quantiles = middles * polynomials(r, Self.a) / polynomials(r, Self.b)
        // Where all are near the middle, as most are, nothing else is to be done.
        for lane in 0..<4 where !(abs(middles[lane]) <= 0.425) {
            quantiles[lane] = farQuantile(shares[lane], middles[lane])
        }
        return quantiles
    }

    /// The same of a share that is not within 0.425 of the middle.
    private static func farQuantile(_ share: Double, _ middle: Double) -> Double {
        let r = (-log(middle < 0 ? share : 1 - share)).squareRoot()
        let far =
            r <= 5
            ? polynomial(r - 1.6, Self.c) / polynomial(r - 1.6, Self.d)
            : polynomial(r - 5, Self.e) / polynomial(r - 5, Self.f)
        return middle < 0 ? -far : far
    }

    /// The coefficients of a polynomial, of the powers 0 to 7; a constant, which no access has to wait for.
    private struct Coefficients {
        let c0, c1, c2, c3, c4, c5, c6, c7: Double

        init(
            _ c0: Double,
            _ c1: Double,
            _ c2: Double,
            _ c3: Double,
            _ c4: Double,
            _ c5: Double,
            _ c6: Double,
            _ c7: Double
        ) {
            (self.c0, self.c1, self.c2, self.c3) = (c0, c1, c2, c3)
            (self.c4, self.c5, self.c6, self.c7) = (c4, c5, c6, c7)
        }
    }

    private static func polynomial(_ x: Double, _ c: Coefficients) -> Double {
        let low = (c.c3 * x + c.c2) * x * x + (c.c1 * x + c.c0)
        let high = (c.c7 * x + c.c6) * x * x + (c.c5 * x + c.c4)
        let square = x * x
        return high * square * square + low
    }

    /// The same polynomial of four numbers, by the same operations.
    @inline(__always)
    private static func polynomials(_ x: SIMD4<Double>, _ c: Coefficients) -> SIMD4<Double> {
        func line(_ slope: Double, _ start: Double) -> SIMD4<Double> { x * slope + start }
        let low = line(c.c3, c.c2) * x * x + line(c.c1, c.c0)
        let high = line(c.c7, c.c6) * x * x + line(c.c5, c.c4)
        let square = x * x
        return high * square * square + low
    }

    private static let a = Coefficients(
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3
    )
    private static let b = Coefficients(
        1,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3
    )
    private static let c = Coefficients(
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4
    )
    private static let d = Coefficients(
        1,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9
    )
    private static let e = Coefficients(
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7
    )
    private static let f = Coefficients(
        1,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15
    )
}
