import MotetCore
import MotetGraph
import Testing

@testable import MotetOneDNN

/// Nodes that one parallel loop computes together must not write what another of them reads.
@Suite("Memory of nodes that run together") struct ConcurrentMemoryTests {
    /// Gradient rows of three lists, computed by nodes, and their sums by id: `CombineRows` of each
    /// list is the last to read its rows.
    private func sumsOfRows() throws -> Graph {
        var builder = GraphBuilder()
        for name in ["a", "b", "c"] {
            let count: Dimension = .symbol(SizeSymbol("N." + name))
            let ids = try builder.input(name, TensorType([count], .int32))
            let upstream = try builder.input(name + ".rows", TensorType([count, 8]))
            let rows = try builder.apply(Scale(2), upstream)
            let sums = try builder.add(CombineRows(vocabularySize: 50), [ids, rows])
            for (index, value) in sums.enumerated() {
                builder.output("\(name).\(index)", value)
            }
        }
        return try Scheduling.grouped(builder.graph)
    }

    private var capacity: [SizeSymbol: Int] {
        [SizeSymbol("N.a"): 100, SizeSymbol("N.b"): 90, SizeSymbol("N.c"): 60]
    }

    /// The bytes of the arena a value may use; nil where it lives elsewhere.
    private func bytes(_ value: Value, _ plan: StoragePlan) -> Range<Int>? {
        guard let view = plan.views[value.id],
            case .arena(let offset, let count) = plan.buffers[view.buffer]
        else { return nil }
        return offset..<(offset + count)
    }

    /// How often a node's results lie where another node of its group reads or writes.
    private func collisions(_ graph: Graph, _ plan: StoragePlan) -> Int {
        var found = 0
        for group in LoweringTable.concurrentNodes(graph) {
            for (writer, other) in group.flatMap({ left in group.map { (left, $0) } })
            where writer != other {
                let touched = (graph.nodes[other].inputs + graph.nodes[other].outputs)
                    .compactMap { bytes($0, plan) }
                for output in graph.nodes[writer].outputs.compactMap({ bytes($0, plan) }) {
                    found += touched.count { $0.overlaps(output) }
                }
            }
        }
        return found
    }

    @Test func neighboursOfOneKindRunTogether() throws {
        let graph = try sumsOfRows()
        let groups = LoweringTable.concurrentNodes(graph)
        #expect(groups == [3...5])
        #expect(groups[0].allSatisfy { graph.nodes[$0].operation is CombineRows })
    }

    @Test func noneWritesWhatAnotherTouches() throws {
        let graph = try sumsOfRows()
        let plan = try StoragePlan(
            graph,
            capacity: capacity,
            traits: OneDNNTraits(),
            concurrent: LoweringTable.concurrentNodes(graph)
        )
        #expect(collisions(graph, plan) == 0)
    }

    /// Planned as if nodes ran one after the other, sums take over the rows of lists before them.
    @Test func aPlanThatDoesNotKnowThemCollides() throws {
        let graph = try sumsOfRows()
        let plan = try StoragePlan(graph, capacity: capacity, traits: OneDNNTraits())
        #expect(collisions(graph, plan) > 0)
    }
}
