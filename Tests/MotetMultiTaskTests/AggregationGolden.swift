import Foundation
import Testing

@testable import MotetMultiTask

/// What independent implementations make of families of gradients; see `Tests/Goldens/aggregation`.
struct AggregationGolden: Decodable {
    struct Family: Decodable, CustomTestStringConvertible {
        let name: String
        let gradients: [[Double]]
        let directions: [String: [Double]]
        /// What sign dropout makes where all elements keep one sign, by sign and leak.
        let signs: [String: [Double]]
        var testDescription: String { name }
    }

    struct Program: Decodable, CustomTestStringConvertible {
        let hessian: [Double]
        let linear: [Double]
        let constraints: [[Double]]
        let bounds: [Double]
        let equalities: Int
        let solution: [Double]
        var testDescription: String {
            "\(linear.count) unknowns, \(constraints.count) constraints, \(equalities) equalities"
        }
    }

    let families: [Family]
    let programs: [Program]

    static func read() throws -> AggregationGolden {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Goldens/aggregation")
        let data = try Data(contentsOf: folder.appendingPathComponent("aggregation.json"))
        return try JSONDecoder().decode(AggregationGolden.self, from: data)
    }
}

/// `sum_k w_k g_k`.
func direction(_ weights: [Double], _ gradients: [[Double]]) -> [Double] {
    gradients[0].indices.map { element in
        gradients.indices.reduce(0) { $0 + weights[$1] * gradients[$1][element] }
    }
}

/// The distance of two vectors, relative to the greater length.
func distance(_ left: [Double], _ right: [Double], scale: Double = 0) -> Double {
    func length(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let apart = length(zip(left, right).map { $0 - $1 })
    let size = max(length(left), length(right), scale)
    return size == 0 ? 0 : apart / size
}
