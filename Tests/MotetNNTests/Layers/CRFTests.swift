import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

@Suite("CRF") struct CRFTests {
    private static func trained(_ layer: CRF) throws -> (TracedModel, SymbolicTensor) {
        let input = try Input("x", shape: [4, 3])
        let output = try layer(input)
        let model = try Model(inputs: [input], outputs: ["tags": output])
        return (try model.trace(.training), output)
    }

    @Test func theShapeIsThatOfEmissionsInEitherMode() throws {
        let (traced, output) = try Self.trained(CRF(3))
        #expect(output.shape == [.batch, 4, 3])
        #expect(traced.graph.shape(of: traced.outputs[0].value) == [.batch, 4, 3])
        #expect(traced.parameters.map(\.name) == ["crf_1/transitions", "crf_1/start", "crf_1/end"])
        #expect(traced.parameters.map(\.shape) == [[3, 3], [3], [3]])
    }

    /// The loss of a training program reaches all three parameters.
    @Test func theLossReachesItsParameters() throws {
        var (traced, _) = try Self.trained(CRF(3))
        let output = traced.outputs[0].value
        let chain = try #require(traced.chain(of: output))
        let steps = TensorType([.batch, 4])
        let labels = try traced.graph.input("labels", steps)
        let weights = try traced.graph.input("weights", steps)
        let made = try CRF.loss(
            chain,
            emissions: output,
            labels: labels,
            weights: weights,
            in: &traced.graph
        )
        let states = traced.graph.graph.states.map(\.value)
        let gradients = try traced.graph.gradients(of: made.loss, withRespectTo: states)
        #expect(gradients.count == 3)
        for gradient in gradients { #expect(gradient != nil) }
        #expect(traced.chain(of: labels) == nil)
    }

    /// Answers of a chain whose transitions are given.
    private func answer(
        _ layer: CRF,
        emissions: [Float],
        transitions: [Float] = [Float](repeating: 0, count: 9)
    ) throws -> [Int] {
        let input = try Input("x", shape: [4, 3])
        let model = try Model(inputs: [input], outputs: ["tags": try layer(input)])
        var parameters = ParameterStore(model.parameters, key: RandomKey(seed: 1))
        parameters["crf_1/transitions"] = Tensor(transitions, shape: [3, 3])
        parameters["crf_1/start"] = Tensor(zeros: [3])
        parameters["crf_1/end"] = Tensor(zeros: [3])
        let predictor = try Predictor(model, parameters: parameters, backend: OneDNNBackend())
        let made = try predictor(["x": Tensor(emissions, shape: [1, 4, 3])])
        let path = try #require(made["tags"]).floats
        return (0..<4).map { step in
            (0..<3).first { path[step * 3 + $0] == 1 } ?? -1
        }
    }

    /// O, B-X, I-X; each step likes I-X best and B-X a little.
    private static let insides: [Float] = [0, 1, 9, 0, 1, 9, 0, 1, 9, 0, 1, 9]

    @Test func withoutRulesEachStepMayTakeItsBest() throws {
        #expect(try answer(CRF(3), emissions: Self.insides) == [2, 2, 2, 2])
    }

    @Test func rulesForbidAnInsideWithoutABeginning() throws {
        let rules = try TagRules.bio(["O", "B-X", "I-X"])
        let layer = CRF(3, rules: rules)
        #expect(try answer(layer, emissions: Self.insides) == [1, 2, 2, 2])
    }

    @Test func transitionsDecide() throws {
        // Tag 1 after tag 0 is worth more than any step's own score.
        let transitions: [Float] = [0, 20, 0, 0, 0, 0, 0, 0, 0]
        let tags = try answer(
            CRF(3),
            emissions: [5, 0, 0, 5, 0, 1, 5, 0, 0, 0, 0, 5],
            transitions: transitions
        )
        #expect(tags == [0, 1, 0, 1])
    }

    @Test func rulesOfBIO() throws {
        let rules = try TagRules.bio(["O", "B-A", "I-A", "B-B", "I-B"])
        #expect(rules.starts == [true, true, false, true, false])
        #expect(rules.ends == [true, true, true, true, true])
        #expect(
            rules.transitions == [
                [true, true, false, true, false], [true, true, true, true, false],
                [true, true, true, true, false], [true, true, false, true, true],
                [true, true, false, true, true],
            ]
        )
    }

    @Test func rulesOfBIOES() throws {
        let rules = try TagRules.bioes(["O", "B-A", "I-A", "E-A", "S-A"])
        #expect(rules.starts == [true, true, false, false, true])
        #expect(rules.ends == [true, false, false, true, true])
        #expect(
            rules.transitions == [
                [true, true, false, false, true], [false, false, true, true, false],
                [false, false, true, true, false], [true, true, false, false, true],
                [true, true, false, false, true],
            ]
        )
    }

    @Test func mistakesAreSentences() throws {
        let input = try Input("x", shape: [4, 3])
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return "nothing was thrown"
        }
        #expect(
            message { _ = try CRF(4)(input) }.hasPrefix(
                "CRF \"crf\": the input has the wrong shape; expected emissions [B, T, 4]; received [B, 4, 3]."
            )
        )
        #expect(
            message { _ = try CRF(0)(input) }.hasPrefix(
                "CRF \"crf\": 'tags' is out of range; expected at least 1; received 0."
            )
        )
        #expect(
            message { _ = try CRF(3, rules: .bio(["O", "B-X"]))(input) }.hasPrefix(
                "CRF \"crf\": 'rules' are for another number of tags; expected 3; received 2."
            )
        )
        #expect(
            message { _ = try TagRules.bio(["O", "S-X"]) }
                == "TagRules: a tag has no place in its scheme; expected O or one of BI with a hyphen and a kind; received \"S-X\"."
        )
    }
}
