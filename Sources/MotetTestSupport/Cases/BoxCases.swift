import MotetCore
import MotetGraph

extension OperationCase {
    private static let kinds: [BoxLossKind] = [
        .huber(delta: 1), .huber(delta: 0.125), .iou, .giou,
    ]

    /// Boxes with corners at multiples of 1/4, `shift` beside them: no two edges are ever near each other.
    private static func boxes(_ key: RandomKey, _ rows: Int, shift: Float) -> [Float] {
        let drawn = TinyData.integers([rows, 4], key, in: 0..<4).integers
        return (0..<rows).flatMap { row -> [Float] in
            let numbers = drawn[4 * row..<4 * row + 4].map { Float($0) }
            let (x, y) = (numbers[0] / 2 + shift, numbers[1] / 2 + shift)
            return [x, y, x + 0.75 + numbers[2] / 2, y + 0.75 + numbers[3] / 2]
        }
    }

    static let boxLosses: [OperationCase] =
        kinds.flatMap { kind in
            [false, true].map { isMasked in
                OperationCase(
                    "\(kind) of boxes\(isMasked ? ", weights of 0 where labels are missing" : "")",
                    [
                        .features("x", [.batch, 4]) { key, sizes, _ in
                            Tensor(boxes(key, sizes[0], shift: 0.375), shape: sizes)
                        },
                        .data("labels", [.batch, 4]) { key, sizes, _ in
                            let drawn = boxes(key, sizes[0], shift: 0)
                            return Tensor(
                                drawn.indices.map {
                                    isMasked && $0 / 4 % 3 == 2 ? .nan : drawn[$0]
                                },
                                shape: sizes
                            )
                        },
                        .data("weights", [.batch]) { key, sizes, _ in
                            let drawn = TinyData.uniform(sizes, key, in: 0.25...3).floats
                            return Tensor(
                                drawn.indices.map { isMasked && $0 % 3 == 2 ? 0 : drawn[$0] },
                                shape: sizes
                            )
                        },
                    ],
                    runs: rows,
                    spare: 3,
                    // Steps of 1/16 to either side bend quotients of areas too much for differences.
                    isSmooth: kind == .huber(delta: 1)
                ) { graph, values in try graph.add(BoxLoss(kind), values) }
            }
        } + degenerateBoxes + smoothOverlaps

    /// Boxes without area, inside out, equal, apart and one inside the other.
    private static let oddities: [(box: [Float], label: [Float])] = [
        ([1, 1, 1, 1], [1, 1, 1, 1]), ([1, 1, 1, 1], [2, 3, 2, 3]), ([0, 0, 0, 2], [0, 0, 2, 2]),
        ([3, 3, 1, 1], [1, 1, 3, 3]), ([0, 0, 2, 2], [0, 0, 2, 2]), ([0, 0, 1, 1], [5, 5, 6, 7]),
        ([1, 1, 2, 2], [0, 0, 4, 4]), ([0, 0, 4, 4], [1, 1, 2, 2]), ([0, 0, 1, 1], [1, 0, 2, 1]),
    ]

    private static let degenerateBoxes = kinds.map { kind in
        OperationCase(
            "\(kind) of boxes without area, inside out, equal and apart",
            [
                .features("x", [9, 4]) { _, sizes, _ in
                    Tensor(oddities.flatMap(\.box), shape: sizes)
                },
                .data("labels", [9, 4]) { _, sizes, _ in
                    Tensor(oddities.flatMap(\.label), shape: sizes)
                },
                .data("weights", [9]) { _, sizes, _ in
                    Tensor([Float](repeating: 1, count: 9), shape: sizes)
                },
            ],
            // Edges of both boxes coincide.
            isSmooth: false
        ) { graph, values in try graph.add(BoxLoss(kind), values) }
    }

    /// Boxes so large that a step of the differences is small against them.
    private static let smoothOverlaps = [BoxLossKind.iou, .giou].map { kind in
        OperationCase(
            "\(kind) of large boxes",
            [
                .features("x", [.batch, 4]) { key, sizes, _ in
                    Tensor(boxes(key, sizes[0], shift: 0.375).map { 16 * $0 }, shape: sizes)
                },
                .data("labels", [.batch, 4]) { key, sizes, _ in
                    Tensor(boxes(key, sizes[0], shift: 0).map { 16 * $0 }, shape: sizes)
                },
                .data("weights", [.batch]) { _, sizes, _ in
                    Tensor([Float](repeating: 1, count: sizes[0]), shape: sizes)
                },
            ],
            runs: rows
        ) { graph, values in try graph.add(BoxLoss(kind), values) }
    }
}
