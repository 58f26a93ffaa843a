import MotetCore
import MotetGraph

extension OperationCase {
    static let groupedProducts: [OperationCase] =
        groupedKinds.flatMap { kind in [1, 3, 17, 64].map { normalized(kind, width: $0) } }
        + groupedKinds.flatMap { bounds in [false, true].map { grouped(bounds, transposed: $0) } }
        + groupedKinds.map { biased($0, nil) }
        + [Groups.allRows, .rowsOfNoGroup].flatMap { kind in
            activationKinds.map { biased(kind, $0) }
        }

    /// How the rows of a batch fall into groups.
    private enum Groups: String {
        case allRows = "all rows in groups"
        case rowsOfNoGroup = "rows of no group"
        case emptyGroups = "empty groups first, last and between"

        /// Offsets of `count` groups over `rows` rows.
        func offsets(_ count: Int, _ rows: Int) -> [Int32] {
            switch self {
            case .allRows: (0...count).map { Int32(rows * $0 / count) }
            case .rowsOfNoGroup: (0...count).map { Int32((rows - rows / 4) * $0 / count) }
            case .emptyGroups:
                [0, 0] + (2...(count - 1)).map { Int32(rows * ($0 / 2) / (count / 2)) }
                    + [Int32(rows)]
            }
        }
    }

    private static let groupedKinds = [Groups.allRows, .rowsOfNoGroup, .emptyGroups]

    private static func offsets(_ kind: Groups, _ count: Int) -> CaseInput {
        .integers("offsets", Shape(fixed: [count + 1])) { _, _, symbols in
            Tensor(kind.offsets(count, symbols[.batch] ?? 0))
        }
    }

    private static func grouped(_ kind: Groups, transposed: Bool) -> OperationCase {
        OperationCase(
            "grouped matmul\(transposed ? ", transposed" : ""), \(kind.rawValue)",
            [
                .features("x", [.batch, 16]),
                .weight("w", transposed ? [4, 17, 16] : [4, 16, 17]), offsets(kind, 4),
            ],
            runs: rows
        ) { graph, values in
            let operation = GroupedMatMul(transposeWeight: transposed)
            return [try graph.apply(operation, values[0], values[1], values[2])]
        }
    }

    /// Groups of one row, of no row, and rows of no group among them.
    private static func normalized(_ kind: Groups, width: Int) -> OperationCase {
        OperationCase(
            "grouped normalization, width \(width), \(kind.rawValue)",
            [
                .features("x", [.batch, .fixed(width)]), .weight("gamma", [4, .fixed(width)]),
                .weight("beta", [4, .fixed(width)]), offsets(kind, 4),
            ],
            runs: [[.batch: 33], [.batch: 5], [.batch: 8]],
            isSmooth: true,
            // A group of two rows may have them close together: its inverse deviation bends.
            tolerance: Tolerance(relative: 1e-3, absolute: 5e-5)
        ) { graph, values in try graph.add(GroupedNormalization(epsilon: 0.1), values) }
    }

    private static func biased(_ kind: Groups, _ activation: ActivationKind?) -> OperationCase {
        OperationCase(
            "grouped matmul, bias and \(activation.map { "\($0)" } ?? "nothing"), \(kind.rawValue)",
            [
                .features("x", [.batch, 3]), .weight("w", [4, 3, 17]), .weight("b", [4, 17]),
                offsets(kind, 4),
            ],
            runs: rows,
            isSmooth: activation?.isSmooth ?? true
        ) { graph, values in
            var made = try graph.apply(GroupedMatMul(), values[0], values[1], values[3])
            made = try graph.apply(GroupedAddBias(), made, values[2], values[3])
            if let activation { made = try graph.apply(Activation(activation), made) }
            return [made]
        }
    }
}
