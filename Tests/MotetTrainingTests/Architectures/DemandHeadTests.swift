import Foundation
import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetRecommenders
import MotetTestSupport
import Testing

@Suite("Demand head") struct DemandHeadTests {
    private static let numbers = CaseInput.features("numbers", [.batch, 2])
    private static let price = CaseInput.features("price", [.batch, 1])

    private func expectAll(_ results: [LawResult]) {
        #expect(results.count > 5)
        for result in results { #expect(result.holds, "\(result)") }
    }

    @Test func theOutputPassesTheHarness() throws {
        expectAll(
            try checkLayer(
                DemandHead(),
                input: [Self.numbers, Self.price],
                output: [.batch, 1],
                on: OneDNNBackend()
            )
        )
    }

    @Test func theCurvePassesTheHarness() throws {
        expectAll(
            try checkLayer(
                DemandHead(.curve),
                input: [Self.numbers],
                output: [.batch, 2],
                on: OneDNNBackend()
            )
        )
    }

    /// Level and slope of rows, and what a head makes of them.
    private func answers(
        _ form: DemandHead.Form,
        _ numbers: [Float],
        _ price: [Float]
    ) throws -> [Float] {
        let tower = try Input("numbers", shape: [2]), logPrice = try Input("price", shape: [1])
        let head = DemandHead(form, name: "head")
        let inputs = form == .output ? [tower.tensor, logPrice.tensor] : [tower.tensor]
        let model = try Model(
            inputs: form == .output ? [tower, logPrice] : [tower],
            outputs: [("units", try head.call(inputs, at: nil)[0])]
        )
        let predictor = try Predictor(
            model,
            parameters: ParameterStore(model.parameters, key: RandomKey(seed: 1)),
            backend: OneDNNBackend()
        )
        var batch = ["numbers": Tensor(numbers, shape: [numbers.count / 2, 2])]
        if form == .output { batch["price"] = Tensor(price, shape: [price.count, 1]) }
        return try #require(try predictor(batch)["units"]).floats
    }

    @Test func theAnswerIsTheFormula() throws {
        let levels: [Float] = [-3, -0.5, 0, 0.25, 7]
        let slopes: [Float] = [-30, -2, 0, 1.5, 12]
        let prices: [Float] = [-2, -0.3, 0.4, 0, 1.7]
        let numbers = zip(levels, slopes).flatMap { [$0, $1] }
        let output = try answers(.output, numbers, prices)
        let curve = try answers(.curve, numbers, [])
        for row in levels.indices {
            let shift = log(exp(0.999) - 1)
            let expected = -(0.001 + log1p(exp(Double(slopes[row]) + shift)))
            #expect(abs(Double(curve[2 * row + 1]) - expected) <= 1e-6 * abs(expected), "\(row)")
            #expect(curve[2 * row] == levels[row])
            let sum = Double(levels[row]) + expected * Double(prices[row])
            #expect(abs(Double(output[row]) - sum) <= 1e-6 * max(1, abs(sum)), "\(row)")
        }
        // A tower that knows nothing yet says an elasticity of -1, and none says one of 0 or above.
        #expect(abs(curve[5] + 1) < 1e-6)
        #expect(curve[1] < 0)
    }

    @Test func anotherWidthIsRefused() throws {
        let tower = try Input("numbers", shape: [3]), logPrice = try Input("price", shape: [1])
        let error = #expect(throws: GraphError.self) {
            try DemandHead(name: "head").call([tower.tensor, logPrice.tensor], at: nil)
        }
        #expect(
            "\(try #require(error))".contains(
                "the input has the wrong shape; expected level and slope, [B, 2]; received [B, 3]"
            )
        )
    }
}
