import MotetCore
public import MotetGraph

extension Model {
    /// A table of the layers: name, kind, output shape, parameters; then totals, table memory and FLOPs.
    ///
    /// - Returns: text for a terminal, one layer a line.
    public func summary() -> String {
        var rows = [["layer", "kind", "output", "parameters"]]
        for (name, call) in namedCalls {
            let kind = call.layer is InputLayer ? "Input" : "\(type(of: call.layer))"
            let shapes = call.types.map(\.shape.description).joined(separator: " ")
            let count = parameters.filter { $0.name.hasPrefix(name + "/") }
                .reduce(0) { $0 + $1.count }
            rows.append([name, kind, shapes, count == 0 ? "" : "\(grouped(count))"])
        }
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 3 ? padding + cell : cell + padding
            }
            return cells.joined(separator: "  ")
        }
        let rule = String(repeating: "-", count: lines[0].count)
        return ([lines[0], rule] + lines.dropFirst() + [rule, totals]).joined(separator: "\n")
    }

    private var totals: String {
        let trainable = parameters.filter(\.isTrained).reduce(0) { $0 + $1.count }
        let tables = parameters.filter { $0.role == .table }.reduce(0) { $0 + $1.count }
        let work = (try? floatingPointOperationsPerRow()) ?? 0
        return
            "\(grouped(trainable)) parameters, \(grouped(tables)) of them in tables (\(grouped(4 * tables / 1024)) KiB); \(grouped(work)) FLOPs a row forward"
    }

    /// The work of one row through the inference program, in floating-point operations.
    ///
    /// - Returns: additions and multiplications counted one each.
    /// - Throws: `GraphError` when the model cannot be traced.
    public func floatingPointOperationsPerRow() throws(GraphError) -> Int {
        let graph = try trace(.inference).graph.graph
        var total = 0
        for node in graph.nodes {
            let work = node.operation.floatingPointOperations(
                node.inputs.map { graph.type(of: $0) },
                node.outputs.map { graph.type(of: $0) }
            )
            if work.symbol == .batch { total += work.scale }
        }
        return total
    }

    private func grouped(_ number: Int) -> String {
        var digits = String(number)
        var result = ""
        while digits.count > 3 {
            result = "," + digits.suffix(3) + result
            digits.removeLast(3)
        }
        return digits + result
    }
}
