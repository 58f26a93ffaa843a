import MotetCore
import MotetGraph
import MotetReference
import MotetTestSupport
import Testing

/// Update rules against PyTorch's optimizers, and NumPy where PyTorch has none.
@Suite("Optimizers against PyTorch") struct OptimizerGoldenTests {
    /// Our states are rounded to single precision each step, the golden's only at the end.
    private static let tolerance = Tolerance(relative: 2e-5, absolute: 2e-6)

    private static func names(tables: Bool) -> [String] {
        guard let golden = try? GoldenFile("optimizers/updates.safetensors") else { return [] }
        return golden.cases.keys.filter { (golden.tensor($0, "ids") != nil) == tables }.sorted()
    }

    @Test func everyCaseIsThere() {
        #expect(Self.names(tables: false).count == 10)
        #expect(Self.names(tables: true).count == 4)
    }

    @Test(arguments: names(tables: false))
    func denseTrajectories(name: String) throws {
        let golden = try GoldenFile("optimizers/updates.safetensors")
        let attributes = try #require(golden.cases[name])
        let initial = try #require(golden.tensor(name, "initial"))
        let gradients = try #require(golden.tensor(name, "gradients"))
        let expected = try #require(golden.tensor(name, "parameters"))
        let (rule, l2) = try Self.rule(attributes)
        let type = TensorType(Shape(fixed: initial.shape))
        let start = Float(attributes.number("initial_accumulator_value") ?? 0)
        var builder = GraphBuilder()
        builder.stage = .update
        let parameter = try builder.state("p", type)
        let slots = try rule.slots.map { try builder.state($0, type) }
        let gradient = try builder.input("g", type)
        let made = try builder.add(
            OptimizerUpdate(rule, l2: l2),
            [parameter] + slots + [gradient] + Self.settings(&builder)
        )
        let states = StateStore()
        states.set("p", initial)
        for (slot, value) in zip(rule.slots, made.dropFirst()) {
            builder.update(slot, value)
            states.set(slot, Tensor(initial.floats.map { _ in start }))
        }
        builder.update("p", made[0])
        let runner = try GoldenRunner(builder.graph, states)
        let width = initial.count
        for step in 0..<gradients.shape[0] {
            runner.set("g", Tensor(Array(gradients.floats[step * width..<(step + 1) * width])))
            try runner.step(step, rate: attributes.number("lr"))
            let comparison = Comparison(
                "\(name), step \(step)",
                received: try #require(states.tensor("p")),
                expected: Tensor(Array(expected.floats[step * width..<(step + 1) * width])),
                tolerance: Self.tolerance
            )
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test(arguments: names(tables: true))
    func tableTrajectories(name: String) throws {
        let golden = try GoldenFile("optimizers/updates.safetensors")
        let attributes = try #require(golden.cases[name])
        let initial = try #require(golden.tensor(name, "initial"))
        let (ids, gradients) = (
            try #require(golden.tensor(name, "ids")), try #require(golden.tensor(name, "gradients"))
        )
        let expected = try #require(golden.tensor(name, "tables"))
        let (rule, l2) = try Self.rule(attributes)
        let shape = Shape(fixed: initial.shape)
        let lookups = ids.shape[1]
        var builder = GraphBuilder()
        let table = try builder.state("p", TensorType(shape))
        let slots = try rule.slots.map { slot in
            try builder.state(slot, TensorType(rule.slotShape(for: shape)))
        }
        let rows = RowGradient(
            ids: try builder.input("ids", TensorType(Shape(fixed: [lookups]), .int32)),
            rows: try builder.input("g", TensorType([.fixed(lookups), shape[1]]))
        )
        let combined = try builder.combined([rows], like: table)
        builder.stage = .update
        let made = try builder.add(
            OptimizerRowUpdate(rule, l2: l2),
            [table] + slots + combined + Self.settings(&builder)
        )
        let states = StateStore()
        states.set("p", initial)
        builder.update("p", made[0])
        for (slot, value) in zip(rule.slots, made.dropFirst()) {
            builder.update(slot, value)
            states.set(slot, Tensor(zeros: rule.slotShape(for: shape).fixedSizes ?? []))
        }
        let runner = try GoldenRunner(builder.graph, states)
        for step in 0..<ids.shape[0] {
            runner.set("ids", Self.slice(ids, step))
            runner.set("g", Self.slice(gradients, step))
            try runner.step(step, rate: attributes.number("lr"))
            let comparison = Comparison(
                "\(name), step \(step)",
                received: try #require(states.tensor("p")),
                expected: Self.slice(expected, step),
                tolerance: Self.tolerance
            )
            #expect(comparison.isClose, "\(comparison)")
        }
        for slot in rule.slots {
            let comparison = Comparison(
                "\(name), final \(slot)",
                received: try #require(states.tensor(slot)),
                expected: try #require(golden.tensor(name, "final_\(slot)")),
                tolerance: Self.tolerance
            )
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test(arguments: ["above", "below", "zero"])
    func clippingByGlobalNorm(kind: String) throws {
        let golden = try GoldenFile("optimizers/clipping.safetensors")
        let name = "clip_global_norm_\(kind)"
        let limit = Float(try #require(golden.cases[name]?.number("maximum")))
        var builder = GraphBuilder()
        let gradients = try (0..<3).map { index in
            builder.constant(try #require(golden.tensor(name, "gradients/\(index)")))
        }
        let squares = try gradients.map { try builder.apply(SumOfSquares(), $0) }
        let total = try builder.add(AddN(), squares)[0]
        builder.output("total", total)
        let factor = try builder.apply(ClippingFactor(limit: limit), total)
        for (index, gradient) in gradients.enumerated() {
            let clipped = try builder.apply(Arithmetic(.multiply), gradient, factor)
            builder.output("clipped/\(index)", clipped)
        }
        let executable = try ReferenceBackend().compile(
            builder.graph,
            states: StateStore(),
            capacity: [:]
        )
        executable.run()
        let norm = try #require(golden.tensor(name, "norm")).numbers[0]
        let total32 = Double(executable.scalar(0))
        #expect(total32.squareRoot().isClose(to: norm, relative: 1e-6))
        for index in 0..<3 {
            let comparison = Comparison(
                "\(name)/clipped/\(index)",
                received: try #require(executable.tensor("clipped/\(index)")),
                expected: try #require(golden.tensor(name, "clipped/\(index)")),
                tolerance: Tolerance(relative: 1e-6, absolute: 0)
            )
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test func clippingByValue() throws {
        let golden = try GoldenFile("optimizers/clipping.safetensors")
        var builder = GraphBuilder()
        let gradient = builder.constant(
            try #require(golden.tensor("clip_value", "gradients/0"))
        )
        builder.output("y", try builder.apply(Clip(minimum: -0.5, maximum: 0.5), gradient))
        let executable = try ReferenceBackend().compile(
            builder.graph,
            states: StateStore(),
            capacity: [:]
        )
        executable.run()
        let expected = try #require(golden.tensor("clip_value", "clipped/0"))
        #expect(executable.tensor("y")?.floats == expected.floats)
    }

    /// The step of the tensor's first axis.
    private static func slice(_ tensor: Tensor, _ step: Int) -> Tensor {
        let shape = Array(tensor.shape.dropFirst())
        let count = shape.reduce(1, *)
        let range = step * count..<(step + 1) * count
        return tensor.dtype == .int32
            ? Tensor(Array(tensor.integers[range]), shape: shape)
            : Tensor(Array(tensor.floats[range]), shape: shape)
    }

    private static func settings(_ builder: inout GraphBuilder) throws -> [Value] {
        [
            try builder.input("rate", TensorType(.scalar)),
            try builder.input("step", TensorType(.scalar, .int32)),
            builder.constant(Tensor([1] as [Float], shape: [])),
        ]
    }

    private static func rule(_ attributes: GoldenAttributes) throws -> (UpdateRule, l2: Float) {
        let decay = Float(attributes.number("weight_decay") ?? 0)
        let epsilon = Float(attributes.number("eps") ?? 0)
        let betas = attributes.numbers("betas")?.map { Float($0) } ?? [0, 0]
        switch attributes.text("optimizer") ?? "" {
        case "SGD":
            let momentum = Float(attributes.number("momentum") ?? 0)
            return (.sgd(momentum: momentum, nesterov: attributes.isTrue("nesterov")), decay)
        case "Adagrad": return (.adagrad(epsilon: epsilon), decay)
        case "RowWiseAdagrad": return (.rowWiseAdagrad(epsilon: epsilon), decay)
        case "Adam", "LazyAdam":
            return (.adam(beta1: betas[0], beta2: betas[1], epsilon: epsilon, decay: 0), decay)
        case "AdamW":
            return (.adam(beta1: betas[0], beta2: betas[1], epsilon: epsilon, decay: decay), 0)
        case let name: throw UnknownGolden(name: name)
        }
    }
}

/// Runs an update again and again.
private final class GoldenRunner {
    private let runner: CaseRunner

    init(_ graph: Graph, _ states: StateStore) throws {
        runner = try CaseRunner(graph, states, capacity: [:], on: ReferenceBackend())
    }

    func set(_ name: String, _ tensor: Tensor) { runner.set(name, tensor) }

    func step(_ step: Int, rate: Double?) throws {
        runner.set("rate", Tensor([Float(try #require(rate))], shape: []))
        runner.set("step", Tensor([Int32(step + 1)], shape: []))
        runner.run([:])
    }
}
