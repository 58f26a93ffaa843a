import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

/// Whole layers against PyTorch's own modules: results and gradients.
@Suite("Layers of attention against PyTorch") struct AttentionGoldenTests {
    private static let path = "attention/blocks.safetensors"
    private static let cases = (try? GoldenFile(path))?.cases.keys.sorted() ?? []

    private static func layer(_ attributes: GoldenAttributes) throws -> (any Layer, masked: Int) {
        switch attributes.text("layer") {
        case "attention":
            return (
                MultiHeadAttention(heads: 2, isCausal: attributes.isTrue("is_causal")), 0
            )
        case "cross_attention": return (MultiHeadAttention(heads: 2), 1)
        default:
            return (
                TransformerEncoder(
                    heads: 2,
                    hiddenUnits: 12,
                    activation: attributes.text("activation") == "relu" ? .relu : .gelu,
                    normalization: attributes.isTrue("norm_first") ? .before : .after
                ), 0
            )
        }
    }

    private static func comparisons(
        _ name: String,
        on backend: any Backend,
        _ tensor: (GoldenFile, String) -> Tensor?
    ) throws -> [Comparison] {
        let golden = try GoldenFile(path)
        let (layer, masked) = try layer(#require(golden.cases[name]))
        let inputNames = masked == 1 ? ["x", "memory"] : ["x"]
        let inputs = try (inputNames + ["mask"]).map { input in
            let elements = try #require(tensor(golden, "\(name)/inputs/\(input)"))
            return CaseInput(
                input,
                TensorType(Shape(fixed: elements.shape)),
                isState: false,
                isDifferentiated: input != "mask"
            ) { _, _, _ in elements }
        }
        let prefix = "\(name)/parameters/"
        let states = try golden.file.tensors.keys.filter { $0.hasPrefix(prefix) }.sorted()
            .map { key in
                let elements = try #require(tensor(golden, key))
                return CaseInput(
                    "layer/" + key.dropFirst(prefix.count),
                    TensorType(Shape(fixed: elements.shape)),
                    isState: true,
                    isDifferentiated: true
                ) { _, _, _ in elements }
            }
        let operations = OperationCase(name, inputs + states) { graph, values in
            var context = ForwardContext(mode: .training)
            context.graph = graph
            let made = try context.enter("layer") { context throws(GraphError) in
                try WithMask(layer, input: masked)
                    .forward(Array(values[..<inputs.count]), in: &context)
            }
            graph = context.graph
            return [made[0]]
        }
        let graph = try operations.graph(withGradients: true)
        let runner = try CaseRunner(operations, graph, on: backend)
        for input in inputs + states {
            runner.set(input.name, operations.tensor(input, run: 0))
        }
        runner.set("cotangent.0", try #require(tensor(golden, "\(name)/cotangent")))
        runner.run([:])
        return try runner.outputs.map { output in
            let what =
                output.name == "output.0"
                ? "output"
                : output.name.replacing("gradient.", with: "gradients/")
                    .replacing("layer/", with: "")
            return Comparison(
                "\(name)/\(what)",
                received: output.tensor,
                expected: try #require(tensor(golden, "\(name)/\(what)"), "\(name)/\(what)"),
                // Goldens are exact sums rounded once; the fast kernels add up in single precision.
                tolerance: Tolerance(relative: 2e-5, absolute: 1e-5)
            )
        }
    }

    @Test(arguments: cases)
    func theReferenceGivesPyTorchsNumbers(name: String) throws {
        try check(name, ReferenceBackend())
    }

    @Test(arguments: cases)
    func theKernelsGivePyTorchsNumbers(name: String) throws {
        try check(name, OneDNNBackend())
    }

    private func check(_ name: String, _ backend: any Backend) throws {
        let comparisons = try Self.comparisons(name, on: backend) { $0.file.tensors[$1] }
        #expect(comparisons.count >= 6)
        for comparison in comparisons { #expect(comparison.isClose, "\(comparison)") }
    }

    @Test func everyCaseIsThere() { #expect(Self.cases.count == 6) }

    @Test(arguments: ["output", "parameters/hidden/weight", "gradients/x"])
    func aPlantedFaultIsFound(what: String) throws {
        let comparisons = try Self.comparisons("block_post", on: ReferenceBackend()) { file, key in
            var tensor = file.file.tensors[key]
            if key == "block_post/\(what)" { tensor?.withMutableFloats { $0[1] += 0.01 } }
            return tensor
        }
        #expect(comparisons.contains { !$0.isClose })
    }
}
