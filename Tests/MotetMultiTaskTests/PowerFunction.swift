import Foundation

enum PowerFunction {
    static func value(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
}
