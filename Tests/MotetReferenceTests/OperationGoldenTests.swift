import MotetCore
import MotetGraph
import MotetNN
import MotetReference
import MotetTestSupport
import Testing

/// Every operation against PyTorch: results and gradients to 1e-5 relative.
@Suite("Operations against PyTorch") struct OperationGoldenTests {
    /// Goldens are computed in double precision and rounded to single, as the reference is.
    static let tolerance = Tolerance(relative: 1e-5, absolute: 1e-6)

    private static func names(_ path: String) -> [String] {
        (try? GoldenFile(path))?.cases.keys.sorted() ?? []
    }

    @Test(arguments: names("ops/dense.safetensors"))
    func denseOperations(name: String) throws { try check("ops/dense.safetensors", name) }

    @Test(arguments: names("ops/embeddings.safetensors"))
    func embeddings(name: String) throws { try check("ops/embeddings.safetensors", name) }

    @Test(arguments: names("ops/normalization.safetensors"))
    func normalizations(name: String) throws { try check("ops/normalization.safetensors", name) }

    @Test(arguments: names("ops/recurrent.safetensors"))
    func recurrences(name: String) throws { try check("ops/recurrent.safetensors", name) }

    @Test(arguments: names("attention/operations.safetensors"))
    func attentions(name: String) throws { try check("attention/operations.safetensors", name) }

    @Test(arguments: names("ops/convolutions.safetensors"))
    func convolutions(name: String) throws { try check("ops/convolutions.safetensors", name) }

    @Test(arguments: names("ops/images.safetensors"))
    func images(name: String) throws { try check("ops/images.safetensors", name) }

    @Test(arguments: names("ops/crf.safetensors"))
    func chains(name: String) throws { try check("ops/crf.safetensors", name) }

    @Test(arguments: names("ops/retrieval.safetensors"))
    func retrievals(name: String) throws { try check("ops/retrieval.safetensors", name) }

    @Test(arguments: names("ops/losses.safetensors"), [false, true])
    func losses(name: String, isWeighted: Bool) throws {
        let golden = try GoldenFile("ops/losses.safetensors")
        for comparison in try OperationGoldenTests.lossComparisons(golden, name, isWeighted) {
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    /// The batch's statistics and the running ones after a step, with the biased variance.
    @Test func runningStatistics() throws {
        let golden = try GoldenFile("ops/normalization.safetensors")
        let name = "batch_norm_training"
        let attributes = try #require(golden.cases[name])
        func constant(_ what: String, _ graph: inout GraphBuilder) throws -> Value {
            graph.constant(try #require(golden.tensor(name, what), "\(name)/\(what)"))
        }
        var builder = GraphBuilder()
        let inputs = try ["input", "scale", "shift"].map { try constant("inputs/\($0)", &builder) }
        let epsilon = Float(try #require(attributes.number("epsilon")))
        let made = try builder.add(BatchNormalization(epsilon: epsilon), inputs)
        let average = ExponentialAverage(
            momentum: Float(try #require(attributes.number("momentum")))
        )
        let mean = try constant("running_mean_before", &builder)
        let variance = try constant("running_variance_before", &builder)
        builder.output("batch_mean", made[1])
        builder.output("batch_variance_biased", made[2])
        builder.output("running_mean_after", try builder.apply(average, mean, made[1]))
        builder.output(
            "running_variance_after_biased",
            try builder.apply(average, variance, made[2])
        )
        let runner = try CaseRunner(
            builder.graph,
            StateStore(),
            capacity: [:],
            on: ReferenceBackend()
        )
        runner.run([:])
        for output in runner.outputs {
            let comparison = Comparison(
                output.name,
                received: output.tensor,
                expected: try #require(golden.tensor(name, output.name)),
                tolerance: Self.tolerance
            )
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test func everyFileHasItsCases() throws {
        #expect(Self.names("ops/dense.safetensors").count == 30)
        #expect(Self.names("ops/embeddings.safetensors").count == 4)
        #expect(Self.names("ops/normalization.safetensors").count == 6)
        #expect(Self.names("attention/operations.safetensors").count == 6)
        #expect(Self.names("ops/losses.safetensors").count == 18)
        #expect(Self.names("ops/recurrent.safetensors").count == 16)
        #expect(Self.names("ops/convolutions.safetensors").count == 13)
        #expect(Self.names("ops/images.safetensors").count == 15)
        #expect(Self.names("ops/crf.safetensors").count == 4)
        #expect(Self.names("ops/retrieval.safetensors").count == 5)
    }

    /// One element moved by a thousandth is enough to fail.
    @Test(arguments: ["output", "gradients/right", "inputs/left"])
    func aPlantedFaultIsFound(what: String) throws {
        let golden = try GoldenFile("ops/dense.safetensors")
        let name = "matmul_nn_5x7x3"
        var tensors = golden.file.tensors
        tensors["\(name)/\(what)"]?.withMutableFloats { $0[1] *= 1.001 }
        let comparisons = try Self.comparisons(golden, name) { tensors["\(name)/\($0)"] }
        #expect(comparisons.contains { !$0.isClose })
    }

    private func check(_ path: String, _ name: String) throws {
        let golden = try GoldenFile(path)
        let comparisons = try Self.comparisons(golden, name) { golden.tensor(name, $0) }
        #expect(!comparisons.isEmpty)
        for comparison in comparisons { #expect(comparison.isClose, "\(comparison)") }
    }

    private static func comparisons(
        _ golden: GoldenFile,
        _ name: String,
        _ tensor: (String) -> Tensor?
    ) throws -> [Comparison] {
        let program = try GoldenOperation(#require(golden.cases[name]))
        let inputs = try program.inputs.map { input in
            let elements = try #require(tensor("inputs/\(input)"), "\(name)/inputs/\(input)")
            let takesGradient = tensor("gradients/\(input)") != nil && program.isDifferentiable
            return CaseInput(
                input,
                TensorType(Shape(fixed: elements.shape), elements.dtype),
                isState: false,
                isDifferentiated: takesGradient
            ) { _, _, _ in elements }
        }
        let operationCase = OperationCase(
            name,
            inputs,
            differentiatedOutputs: program.isDifferentiable ? [0] : [],
            build: program.build
        )
        let graph = try operationCase.graph(withGradients: true)
        let runner = try CaseRunner(operationCase, graph, on: ReferenceBackend())
        for input in inputs { runner.set(input.name, operationCase.tensor(input, run: 0)) }
        runner.set("cotangent.0", try #require(tensor("cotangent")))
        runner.run([:])
        return try runner.outputs.compactMap { output in
            let what =
                output.name == "output.0"
                ? "output" : output.name.replacing("gradient.", with: "gradients/")
            guard !what.hasPrefix("output.") else { return nil }
            let expected = try #require(tensor(what), "\(name)/\(what)")
            return Comparison(
                "\(name)/\(what)",
                received: output.tensor,
                expected: expected,
                tolerance: tolerance
            )
        }
    }

    private static func lossComparisons(
        _ golden: GoldenFile,
        _ name: String,
        _ isWeighted: Bool
    ) throws -> [Comparison] {
        let attributes = try #require(golden.cases[name])
        let logits = try #require(golden.tensor(name, "inputs/logits"))
        let labels = try #require(golden.tensor(name, "inputs/labels"))
        let given = try #require(golden.tensor(name, "inputs/sample_weights"))
        let weights = isWeighted ? given : Tensor(given.floats.map { _ in Float(1) })
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType(Shape(fixed: logits.shape)))
        let loss = try GoldenOperation.loss(
            attributes,
            [x, builder.constant(Tensor(labels.floats)), builder.constant(weights)],
            &builder
        )
        builder.output("loss", loss)
        guard case .dense(let gradient)? = try builder.gradients(of: loss, withRespectTo: [x])[0]
        else {
            Issue.record("\(name): no gradient")
            return []
        }
        builder.output("gradient", gradient)
        let executable = try ReferenceBackend().compile(
            builder.graph,
            states: StateStore(),
            capacity: [:]
        )
        executable.setSizes([:])
        logits.withBytes { bytes in
            if let address = bytes.baseAddress { executable.bind(0, to: address) }
            executable.run()
        }
        let kind = isWeighted ? "weighted_mean" : "mean"
        return try [("loss", kind), ("gradient", "gradients_of_\(kind)/logits")].map {
            result,
            what in
            Comparison(
                "\(name)/\(what)",
                received: try #require(executable.tensor(result)),
                expected: try #require(golden.tensor(name, what)),
                tolerance: tolerance
            )
        }
    }
}
