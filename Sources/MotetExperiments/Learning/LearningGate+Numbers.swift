import Foundation

extension LearningGate {
    static func rounded(_ value: Double) -> String { String(format: "%.4f", value) }
}

extension LearningGate.Measure {
    static func logarithm(_ value: Double) -> Double { log(value) }
}
