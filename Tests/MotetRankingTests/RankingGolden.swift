import Foundation

/// What definitions taken literally make of formulas and lists; see `Tests/Goldens/ranking`.
struct RankingGolden: Decodable {
    struct Formula: Decodable, CustomStringConvertible {
        let formula: String
        let scores: [Double]

        var description: String { formula }
    }

    struct List: Decodable {
        let scores: [Double]
        let vectors: [Float]
        let dimension: Int
        let categories: [Int]
        let maximum: Int
        let weight: Double
        let limit: Int
        let marginalRelevance: [Int]
        let determinantal: [Int]
    }

    let values: [String: [Double]]
    let formulas: [Formula]
    let lists: [List]

    static func read() throws -> RankingGolden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Goldens/ranking/ranking.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(RankingGolden.self, from: Data(contentsOf: file))
    }
}
