import Foundation
import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import Testing

@testable import MotetRecommenders

@Suite("Entire space") struct EntireSpaceTests {
    private static let click = TaskHead(name: "click")
    private static let cart = TaskHead(name: "cart", within: "click")
    private static let purchase = TaskHead(name: "purchase", within: "cart")

    /// Down to probabilities of e^-90, which single precision cannot hold, the logit keeps its digits.
    @Test func logitOfTheProductKeepsItsDigits() throws {
        let logits: [Float] = [-90, -30, -3, -0.5, 0, 0.5, 3, 30, 90]
        let pairs = logits.flatMap { a in logits.map { (a, $0) } }
        var graph = GraphValues()
        let a = try graph.input("a", pairs.map(\.0))
        let b = try graph.input("b", pairs.map(\.1))
        let found = try graph.values { try EntireSpace.product(a, b, in: &$0) }
        for (index, (a, b)) in pairs.enumerated() {
            // -log(e^-a + e^-b + e^(-a-b)), after taking out the greatest exponent.
            let exponents = [-Double(a), -Double(b), -Double(a) - Double(b)]
            let top = exponents.max() ?? 0
            let expected = -top - log(exponents.reduce(0) { $0 + exp($1 - top) })
            // A sum of numbers up to 180 is rounded to 24 bits twice.
            #expect(abs(Double(found[index]) - expected) < 4e-5, "\(a), \(b)")
        }
    }

    @Test func chainsLeadToTheOutermostTask() throws {
        let tasks = [Self.click, Self.cart, Self.purchase]
        #expect(
            try EntireSpace(of: Self.purchase, in: tasks).names == ["click", "cart", "purchase"]
        )
        #expect(try EntireSpace(of: Self.click, in: tasks).names == ["click"])
        let circle = [TaskHead(name: "a", within: "b"), TaskHead(name: "b", within: "a")]
        #expect(throws: GraphError.self) { try EntireSpace(of: circle[0], in: circle) }
        #expect(throws: GraphError.self) { try EntireSpace(of: Self.cart, in: [Self.cart]) }
        let classes = [TaskHead(name: "click", width: 3), Self.cart]
        #expect(throws: GraphError.self) { try EntireSpace(of: Self.cart, in: classes) }
    }

    private static let names = ["click", "cart", "purchase"]
    /// Rows of every kind: labels, whether the row tells whether all three are positive, and whether they are.
    private static let rows: [(labels: [Float], known: Float, positive: Float)] = [
        ([0, 0, 0], 1, 0), ([0, .nan, .nan], 1, 0), ([1, 0, .nan], 1, 0), ([1, 1, 0], 1, 0),
        ([1, 1, 1], 1, 1), ([1, .nan, 1], 0, 0), ([1, 1, .nan], 0, 0), ([.nan, 1, 1], 0, 0),
        ([.nan, 0, 0], 0, 0),
    ]

    private func labels(_ graph: inout GraphValues, _ weights: [Float]?) throws -> LabelledRows {
        try graph.labels(
            Self.names.enumerated().map { index, name in
                (name, Self.rows.map { $0.labels[index] })
            },
            sampleWeight: weights
        )
    }

    @Test func aRowTellsAsFarAsItsLabelsGo() throws {
        var graph = GraphValues()
        let rows = try labels(&graph, nil)
        let known = try graph.values { try EntireSpace.known(Self.names, rows, in: &$0) }
        #expect(known == Self.rows.map(\.known))
    }

    @Test func sampleWeightsWeighRowsThatTell() throws {
        let weights = Self.rows.indices.map { Float($0 + 1) }
        var graph = GraphValues()
        let rows = try labels(&graph, weights)
        let known = try graph.values { try EntireSpace.known(Self.names, rows, in: &$0) }
        #expect(known == zip(Self.rows, weights).map { $0.known * $1 })
    }

    @Test func onlyFullChainsArePositive() throws {
        var graph = GraphValues()
        let rows = try labels(&graph, Self.rows.indices.map { Float($0 + 1) })
        let positive = try graph.values { try EntireSpace.positive(Self.names, rows, in: &$0) }
        #expect(positive == Self.rows.map(\.positive))
    }

    @Test func aTaskWithoutLabelsIsNamed() throws {
        var graph = GraphValues()
        let rows = try labels(&graph, nil)
        let error = #expect(throws: GraphError.self) {
            try graph.values { try rows.weights(known: "return", in: &$0) }
        }
        #expect("\(try #require(error))".contains("no labels of task \"return\""))
    }
}
