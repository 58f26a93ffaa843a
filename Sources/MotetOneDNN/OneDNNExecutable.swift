import CKernels
import MotetCore
import MotetGraph

/// A lowered program with its arena, which may be that of other programs too.
final class OneDNNExecutable: Executable {
    let graph: Graph
    private let plan: StoragePlan
    private let states: StateStore
    private let capacity: [SizeSymbol: Int]
    private let instructions: [Graph.Stage: [Instruction]]
    private let arena: WorkingMemory
    /// Where the arena was when the values were placed.
    private var placedAt: UnsafeMutableRawPointer?
    private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private let constants: [Int: UnsafeMutableRawPointer]
    private let inputViews: [[(value: Int, offset: Dimension)]]
    /// Offsets of the views of inputs at the current sizes, in bytes.
    private var inputOffsets: [[Int]]
    private var bases: [UnsafeMutableRawPointer]
    private var sizes: [SizeSymbol: Int]
    private var isPlaced = false
    private var outputCounts: [Int]

    init(
        _ graph: Graph,
        states: StateStore,
        capacity: [SizeSymbol: Int],
        choices: KernelChoices,
        frozen: FrozenWeights? = nil,
        memory: WorkingMemory
    ) throws {
        for state in graph.states where states.memory(state.name) == nil {
            throw GraphError(
                .unknownName,
                "state \"\(state.name)\": has no value; set it before compiling."
            )
        }
        self.graph = graph
        self.states = states
        self.capacity = capacity
        let plan = try StoragePlan(
            graph,
            capacity: capacity,
            traits: OneDNNTraits(),
            concurrent: LoweringTable.concurrentNodes(graph)
        )
        self.plan = plan
        let context = LoweringContext(
            graph: graph,
            plan: plan,
            capacity: capacity,
            kernels: MatMulKernels(choices),
            states: states,
            frozen: graph.updates.isEmpty ? frozen : nil
        )
        instructions = [
            .gradients: try LoweringTable.lower(.gradients, context),
            .update: try LoweringTable.lower(.update, context),
        ]
        arena = memory
        memory.reserve(plan.arenaByteCount)
        let start = memory.start
        pointers = .allocate(capacity: max(graph.types.count, 1))
        pointers.initialize(repeating: start, count: max(graph.types.count, 1))
        constants = OneDNNExecutable.copyConstants(graph)
        inputViews = OneDNNExecutable.views(of: graph.inputs.map(\.value), plan)
        inputOffsets = inputViews.map { $0.map { _ in 0 } }
        bases = graph.inputs.map { _ in start }
        sizes = [:]
        outputCounts = graph.outputs.map { _ in 0 }
        setSizes(capacity)
    }

    deinit {
        pointers.deallocate()
        for constant in constants.values { constant.deallocate() }
    }

    private static func copyConstants(_ graph: Graph) -> [Int: UnsafeMutableRawPointer] {
        var copies: [Int: UnsafeMutableRawPointer] = [:]
        for (id, source) in graph.sources.enumerated() {
            guard case .constant(let tensor) = source else { continue }
            let copy = UnsafeMutableRawPointer.allocate(
                byteCount: max(tensor.byteCount, 64),
                alignment: 64
            )
            tensor.withBytes { bytes in
                if let base = bytes.baseAddress {
                    copy.copyMemory(from: base, byteCount: bytes.count)
                }
            }
            copies[id] = copy
        }
        return copies
    }

    private static func views(
        of values: [Value],
        _ plan: StoragePlan
    ) -> [[(value: Int, offset: Dimension)]] {
        values.map { input in
            plan.views.indices.compactMap { id in
                guard let view = plan.views[id],
                    plan.buffers[view.buffer] == .external(input)
                else { return nil }
                return (id, view.offset)
            }
        }
    }

    func setSizes(_ symbols: [SizeSymbol], _ values: UnsafePointer<Int>) {
        var isChanged = false
        for index in symbols.indices {
            let (symbol, size) = (symbols[index], values[index])
            guard sizes[symbol] != size else { continue }
            precondition(
                size <= capacity[symbol] ?? size,
                "Executable: \(symbol) is \(size), beyond its capacity."
            )
            sizes[symbol] = size
            isChanged = true
        }
        // Another program over the same memory may have made it grow.
        if placedAt != arena.start { place() }
        guard isChanged || !isPlaced else { return }
        isPlaced = true
        place()
        for stage in instructions.values {
            for instruction in stage { instruction.resize(sizes) }
        }
        for (index, output) in graph.outputs.enumerated() {
            let type = graph.type(of: output.value)
            let count = type.shape.elementCount?.resolved(sizes) ?? 0
            outputCounts[index] = count * type.dtype.byteCount
        }
    }

    /// Computes where every value is at the current sizes.
    private func place() {
        let start = arena.start
        placedAt = start
        for (id, view) in plan.views.enumerated() {
            guard let view else { continue }
            let offset = 4 * (view.offset.resolved(sizes) ?? 0)
            switch plan.buffers[view.buffer] {
            case .arena(let first, _): pointers[id] = start + first + offset
            case .external(let owner):
                switch graph.sources[owner.id] {
                case .state(let name):
                    if let memory = states.memory(name) { pointers[id] = memory + offset }
                case .constant: if let copy = constants[owner.id] { pointers[id] = copy + offset }
                default: break
                }
            }
        }
        for (index, views) in inputViews.enumerated() {
            for (position, view) in views.enumerated() {
                inputOffsets[index][position] = 4 * (view.offset.resolved(sizes) ?? 0)
                pointers[view.value] = bases[index] + inputOffsets[index][position]
            }
        }
    }

    func bind(_ index: Int, to elements: UnsafeRawPointer) {
        // Kernels never write to inputs; the table of pointers has one type for all values.
        let base = UnsafeMutableRawPointer(mutating: elements)
        bases[index] = base
        let views = inputViews[index]
        for position in views.indices {
            pointers[views[position].value] = base + inputOffsets[index][position]
        }
    }

    func run(_ stage: Graph.Stage) {
        guard let list = instructions[stage] else { return }
        let memory = Memory(pointers: pointers)
        for instruction in list { instruction.run(memory) }
        if stage == .update { copyForeignUpdates() }
    }

    /// Copies new states that were not written in place: those that are another value's memory.
    private func copyForeignUpdates() {
        for update in graph.updates {
            guard let target = states.memory(update.state),
                pointers[update.value.id] != target
            else { continue }
            let count = graph.type(of: update.value).shape.elementCount?.resolved(sizes) ?? 0
            target.copyMemory(from: pointers[update.value.id], byteCount: 4 * count)
        }
    }

    func output(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: pointers[graph.outputs[index].value.id],
            count: outputCounts[index]
        )
    }

    func firstNonFiniteNode() -> Graph.Node? {
        let memory = Memory(pointers: pointers)
        for instruction in instructions[.gradients] ?? [] {
            instruction.run(memory)
            for output in instruction.node.outputs where graph.type(of: output).dtype == .float32 {
                // Strided views share their rows with neighbours that may not be written yet.
                guard plan.views[output.id]?.rowStride == nil else { continue }
                let count = graph.type(of: output).shape.elementCount?.resolved(sizes) ?? 0
                if motet_all_finite(memory.floats(output), Int64(count)) == 0 {
                    return instruction.node
                }
            }
        }
        return nil
    }
}
