import MotetCore
import MotetGraph
import MotetReference
import Testing

@testable import MotetMultiTask

/// Combined gradients against those of each task alone, by plain differentiation.
@Suite("Combined gradients of tasks") struct TaskDifferentiationTests {
    static let places: [TaskDifferentiation.Place] = [.representation, .parameters]
    private static let factors: [Float] = [0.5, -1.25, 2, 1, 1, 1, 0.5, -1.25, 2]

    /// The combined gradients, the products added up to `[K, K]`, and the border.
    private static func combine(
        _ program: TaskProgram,
        _ place: TaskDifferentiation.Place,
        tables: Bool = false,
        factors: [Float] = factors
    ) throws -> (results: [String: [Float]], gramian: [Double], border: [Value]) {
        var graph = program.graph
        var differentiation = TaskDifferentiation(
            graph.graph,
            losses: program.losses,
            targets: program.parameters.map {
                TaskDifferentiation.Target(
                    value: $0.value,
                    isCompared: tables || !$0.isTable,
                    isTable: $0.isTable
                )
            },
            place: place
        )
        #expect(differentiation.hasMeetings)
        var rows: [[Int]] = []
        let made = try differentiation.append(to: &graph) { graph, products throws(GraphError) in
            rows = products.map(\.tasks)
            for (index, part) in products.enumerated() {
                graph.output("products \(index)", part.value)
            }
            return graph.constant(Tensor(factors, shape: [factors.count]))
        }
        for (parameter, gradient) in zip(program.parameters, made) {
            guard let gradient else { continue }
            let dense = try graph.accumulated([gradient], like: parameter.value)
            if let dense { graph.output(parameter.name, dense) }
        }
        let results = try program.run(graph.graph)
        let count = program.losses.count
        var gramian = [Double](repeating: 0, count: count * count)
        for (index, tasks) in rows.enumerated() {
            let products = results["products \(index)"] ?? []
            for (row, task) in tasks.enumerated() {
                for (column, other) in tasks.enumerated() {
                    gramian[task * count + other] += Double(products[row * tasks.count + column])
                }
            }
        }
        return (results, gramian, differentiation.border)
    }

    /// For each element the gradient of each task that reaches it.
    private static func tasks(
        _ name: String,
        _ plain: [String: [Float]]
    ) -> [[(task: Int, value: Double)]] {
        let found = (0..<3).compactMap { task in plain["\(name) of \(task)"].map { (task, $0) } }
        return (0..<(found.first?.1.count ?? 0)).map { element in
            found.compactMap { task, values in
                values[element] == 0 ? nil : (task, Double(values[element]))
            }
        }
    }

    private static func isNear(_ left: Double, _ right: Double, scale: Double) -> Bool {
        abs(left - right) <= 1e-5 * scale + 1e-6
    }

    @Test(arguments: try TaskProgram.all(), places)
    func ownParametersReceiveTheirGradientAndSharedOnesTheWeightedSum(
        _ program: TaskProgram,
        _ place: TaskDifferentiation.Place
    ) throws {
        try Self.checkGradients(program, place)
    }

    @Test(arguments: try TaskProgram.all())
    func tablesThatAreComparedReceiveTheSameSums(_ program: TaskProgram) throws {
        try Self.checkGradients(program, .parameters, tables: true)
    }

    private static func checkGradients(
        _ program: TaskProgram,
        _ place: TaskDifferentiation.Place,
        tables: Bool = false
    ) throws {
        let plain = try program.plain()
        let (results, _, _) = try Self.combine(program, place, tables: tables)
        for parameter in program.parameters {
            let received = try #require(results[parameter.name], "\(parameter.name)")
            let expected = Self.tasks(parameter.name, plain).map { tasks in
                tasks.count == 1
                    ? tasks[0].value
                    : tasks.reduce(0) { $0 + Double(Self.factors[$1.task]) * $1.value }
            }
            let scale = expected.map { abs($0) }.max() ?? 0
            for (left, right) in zip(expected, received) {
                #expect(
                    Self.isNear(left, Double(right), scale: scale),
                    "\(parameter.name): expected \(left), received \(right)"
                )
            }
        }
    }

    @Test(arguments: try TaskProgram.all(), places)
    func productsAreThoseOfWhatTasksShare(
        _ program: TaskProgram,
        _ place: TaskDifferentiation.Place
    ) throws {
        try Self.checkProducts(program, place)
    }

    /// The rows of tables take part, those of equal ids added up, and lookups only some tasks read.
    @Test(arguments: try TaskProgram.all())
    func tablesTakePartInProductsWhereTheyAreCompared(_ program: TaskProgram) throws {
        try Self.checkProducts(program, .parameters, tables: true)
        guard program.parameters.contains(where: \.isTable) else { return }
        let without = try Self.combine(program, .parameters).gramian
        let with = try Self.combine(program, .parameters, tables: true).gramian
        #expect((0..<3).allSatisfy { with[$0 * 4] > without[$0 * 4] })
    }

    private static func checkProducts(
        _ program: TaskProgram,
        _ place: TaskDifferentiation.Place,
        tables: Bool = false
    ) throws {
        let (_, gramian, border) = try Self.combine(program, place, tables: tables)
        let plain = try program.plain(of: border)
        let names =
            place == .representation
            ? border.indices.map { "border \($0)" }
            : program.parameters.filter { tables || !$0.isTable }.map(\.name)
        var expected = [Double](repeating: 0, count: 9)
        for name in names {
            for tasks in Self.tasks(name, plain) where tasks.count > 1 {
                for left in tasks {
                    for right in tasks {
                        expected[left.task * 3 + right.task] += left.value * right.value
                    }
                }
            }
        }
        let scale = expected.map { abs($0) }.max() ?? 0
        #expect(scale > 0)
        for (left, right) in zip(expected, gramian) {
            #expect(Self.isNear(left, right, scale: scale), "expected \(left), received \(right)")
        }
    }

    @Test func theBorderIsWhatLiesNearestTheLosses() throws {
        let counts = try TaskProgram.all().map { program in
            try Self.combine(program, .representation).border.count
        }
        // Two in "nested": the pair's layer and, read by the third task, the trunk is below it; with a trunk of the
        // gates, the experts and that trunk; tied weights, and the layer below both.
        #expect(counts == [1, 1, 1, 1, 1, 1, 2, 2, 2])
    }

    /// The products at experts come from the gates: no task's own copy of the experts' gradients is made.
    @Test func gatesAreFactoredOutOfTheProducts() throws {
        let program = try #require(try TaskProgram.all().first { $0.name == "mmoe" })
        var graph = program.graph
        var differentiation = TaskDifferentiation(
            graph.graph,
            losses: program.losses,
            targets: program.parameters.map {
                TaskDifferentiation.Target(value: $0.value, isCompared: !$0.isTable)
            },
            place: .representation
        )
        _ = try differentiation.append(to: &graph) { graph, products throws(GraphError) in
            graph.constant(Tensor(Self.factors, shape: [9]))
        }
        let nodes = graph.graph.nodes
        #expect(nodes.count { $0.operation is MixtureProducts } == 1)
        #expect(nodes.count { $0.operation is MixtureGradient } == 1)
        #expect(!nodes.contains { $0.operation is InnerProducts })
    }

    @Test(arguments: places)
    func aTaskLeftOutLeavesNothingNotEvenNaN(_ place: TaskDifferentiation.Place) throws {
        for program in try TaskProgram.all() {
            var broken = program
            let zero = broken.graph.constant(Tensor([Float(0)], shape: []))
            let undefined = try broken.graph.apply(Arithmetic(.divide), zero, zero)
            broken.losses[1] = try broken.graph.apply(
                Arithmetic(.multiply),
                undefined,
                program.losses[1]
            )
            let factors: [Float] = [0.5, 0, 2, 1, 0, 1, 0.5, 0, 2]
            let expected = try Self.combine(program, place, factors: factors).results
            let (received, gramian, _) = try Self.combine(broken, place, factors: factors)
            #expect(!gramian[4].isFinite && gramian[0].isFinite)
            for parameter in program.parameters {
                #expect(
                    received[parameter.name] == expected[parameter.name],
                    "\(program.name), \(parameter.name)"
                )
            }
        }
    }

    /// Each shared parameter, and each shared slice of a stack, against plain differentiation.
    @Test(arguments: try TaskProgram.all())
    func blocksAreTheProductsOfEachSharedPart(_ program: TaskProgram) throws {
        var graph = program.graph
        var differentiation = TaskDifferentiation(
            graph.graph,
            losses: program.losses,
            targets: program.parameters.map {
                TaskDifferentiation.Target(value: $0.value, isCompared: !$0.isTable)
            },
            place: .parameters
        )
        let blocks = try differentiation.appendBlocks(to: &graph)
        for (index, block) in blocks.enumerated() {
            graph.output("block \(index)", block.products.value)
        }
        let results = try program.run(graph.graph)
        let plain = try program.plain()
        #expect(!blocks.isEmpty)
        var seen = Set<[Int]>()
        for (index, block) in blocks.enumerated() {
            let parameter = program.parameters[block.target]
            #expect(!parameter.isTable)
            #expect(seen.insert([block.target, block.slice ?? -1]).inserted)
            let size = parameter.shape.reduce(1, *)
            let width = block.slice == nil ? size : size / parameter.shape[0]
            let start = (block.slice ?? 0) * width
            let tasks = block.products.tasks
            let gradients = try tasks.map { task in
                try #require(plain["\(parameter.name) of \(task)"])[start..<(start + width)]
            }
            let received = try #require(results["block \(index)"])
            let scale = gradients.flatMap { $0 }.reduce(0) { $0 + Double($1 * $1) }
            for (row, left) in gradients.enumerated() {
                for (column, right) in gradients.enumerated() {
                    let expected = zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                    let found = Double(received[row * tasks.count + column])
                    #expect(
                        Self.isNear(expected, found, scale: scale),
                        "\(parameter.name): expected \(expected), received \(found)"
                    )
                }
            }
            #expect(gradients.count { $0.contains { $0 != 0 } } > 1, "\(parameter.name)")
        }
        // What two tasks reach and nothing lists would be missed.
        for (position, parameter) in program.parameters.enumerated() where !parameter.isTable {
            let isShared = Self.tasks(parameter.name, plain).contains { $0.count > 1 }
            #expect(isShared == seen.contains { $0[0] == position }, "\(parameter.name)")
        }
    }

    /// Experts of one stack are told apart, and those of one task alone are left out.
    @Test func slicesOfStacksAreBlocksOfTheirOwn() throws {
        let program = try #require(try TaskProgram.all().first { $0.name == "cgc" })
        var graph = program.graph
        var differentiation = TaskDifferentiation(
            graph.graph,
            losses: program.losses,
            targets: program.parameters.map {
                TaskDifferentiation.Target(value: $0.value, isCompared: !$0.isTable)
            },
            place: .parameters
        )
        let blocks = try differentiation.appendBlocks(to: &graph)
        let experts = blocks.filter { program.parameters[$0.target].shape.first == 5 }
        // Three of the tasks' own, then two shared: weight and bias.
        #expect(experts.map(\.slice) == [3, 4, 3, 4])
    }
}
