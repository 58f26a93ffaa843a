import MotetCore
import MotetGraph

extension OperationCase {
    static let lookups: [OperationCase] =
        [1, 3, 16, 17, 64].map { width in
            OperationCase(
                "embedding, width \(width)",
                [.weight("table", [11, .fixed(width)]), .ids("ids", [.batch], table: 11)],
                runs: rows
            ) { graph, values in [try graph.apply(EmbeddingLookup(), values[0], values[1])] }
        } + [
            OperationCase(
                "embedding of several ids a row",
                [.weight("table", [7, 4]), .ids("ids", [.batch, 3], table: 7)],
                runs: rows
            ) { graph, values in [try graph.apply(EmbeddingLookup(), values[0], values[1])] },
            OperationCase(
                "embedding from a table of one row",
                [.weight("table", [1, 4]), .ids("ids", [.batch], table: 1)],
                runs: rows
            ) { graph, values in [try graph.apply(EmbeddingLookup(), values[0], values[1])] },
        ]

    /// Rows with and without slices and a bias, around the widths of vectors.
    static let storedRows: [OperationCase] =
        [1, 3, 16, 17, 64].flatMap { width in
            [nil, 1, 3].flatMap { (slices: Int?) in
                [nil, ActivationKind.relu, .gelu].map { activation in
                    let stacked = width * (slices ?? 1)
                    let bias: Shape =
                        slices.map { [.fixed($0), .fixed(width)] } ?? [.fixed(width)]
                    return OperationCase(
                        "stored rows of \(slices ?? 0) slices, width \(width), \(activation.map { "\($0)" } ?? "no activation")",
                        [
                            .weight("table", [11, .fixed(stacked)]),
                            .ids("ids", [.batch], table: 11), .weight("bias", bias),
                        ],
                        runs: rows,
                        differentiatedOutputs: []
                    ) { graph, values in
                        let stored = StoredRows(slices: slices)
                        var made = try graph.apply(stored, values[0], values[1])
                        guard let activation else { return [made] }
                        made = try graph.apply(AddBias(), made, values[2])
                        return [try graph.apply(Activation(activation), made)]
                    }
                }
            }
        }

    static let pooledLookups: [OperationCase] = Pooling.allCases.flatMap { pooling in
        [1, 3, 16, 17].map { width in
            OperationCase(
                "\(pooling.rawValue) of embeddings, width \(width)",
                [
                    .weight("table", [13, .fixed(width)]),
                    .ids("values", [.symbol(listLength)], table: 13),
                    .offsets("offsets", over: listLength),
                ],
                runs: [
                    [.batch: 33, listLength: 80], [.batch: 1, listLength: 4],
                    [.batch: 5, listLength: 0], [.batch: 5, listLength: 9],
                ],
                spare: 5
            ) { graph, values in
                [try graph.apply(PooledEmbedding(pooling), values[0], values[1], values[2])]
            }
        }
    }

    /// Lists shorter and longer than the sequences, empty ones, and none with a row.
    static let paddedLists: [OperationCase] = [(1, 3, 0), (3, 4, 0), (17, 2, 0), (4, 3, 5)].map {
        (width, length, shift) in
        OperationCase(
            "lists of width \(width) in sequences of \(length), shifted by \(shift)",
            [
                .features("rows", [.symbol(listLength), .fixed(width)]),
                .offsets("offsets", over: listLength),
            ],
            runs: [
                [.batch: 33, listLength: 80], [.batch: 1, listLength: 4],
                [.batch: 5, listLength: 0], [.batch: 5, listLength: 9],
            ],
            spare: 5
        ) { graph, values in
            let operation = PadLists(length: length, shift: shift)
            return try graph.add(operation, values)
        }
    }

    static let rowGradients: [OperationCase] = combinedRows + sharedTables

    private static let combinedRows = [1, 3, 17].flatMap { width -> [OperationCase] in
        let shape: Shape = [.batch, .fixed(width)]
        return [
            OperationCase(
                "combine rows, width \(width)",
                [.ids("ids", [.batch], table: 9), .features("rows", shape)],
                runs: rows,
                differentiatedOutputs: [],
                isCounted: true
            ) { graph, values in try graph.add(CombineRows(vocabularySize: 9), values) },
            OperationCase(
                "combine rows of two lists, width \(width)",
                [
                    .ids("ids", [.batch], table: 5), .features("rows", shape),
                    .ids("more ids", [.symbol(listLength)], table: 5),
                    .features("more rows", [.symbol(listLength), .fixed(width)]),
                ],
                runs: [
                    [.batch: 33, listLength: 7], [.batch: 5, listLength: 0],
                    [.batch: 1, listLength: 40],
                ],
                differentiatedOutputs: [],
                isCounted: true
            ) { graph, values in try graph.add(CombineRows(vocabularySize: 5), values) },
            OperationCase(
                "combine rows and spread them, width \(width)",
                [.ids("ids", [.batch], table: 9), .features("rows", shape)],
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in
                let combined = try graph.add(CombineRows(vocabularySize: 9), values)
                return try graph.add(DenseRows(vocabularySize: 9), combined)
            },
        ]
    }

    /// Tables read in several ways at once: gradients of rows join, with dense ones if there are any.
    private static let sharedTables = [
        OperationCase(
            "a table read by two features",
            [
                .weight("table", [9, 4]), .ids("a", [.batch], table: 9),
                .ids("b", [.batch], table: 9),
            ],
            runs: rows
        ) { graph, values in
            let first = try graph.apply(EmbeddingLookup(), values[0], values[1])
            let second = try graph.apply(EmbeddingLookup(), values[0], values[2])
            return [try graph.apply(Arithmetic(.multiply), first, second)]
        },
        OperationCase(
            "a table read by id and by two lists",
            [
                .weight("table", [9, 3]), .ids("a", [.batch], table: 9),
                .ids("values", [.symbol(listLength)], table: 9),
                .offsets("offsets", over: listLength),
                .ids("other values", [.symbol(otherLength)], table: 9),
                .offsets("other offsets", over: otherLength),
            ],
            runs: [
                [.batch: 5, listLength: 9, otherLength: 4],
                [.batch: 1, listLength: 0, otherLength: 3],
                [.batch: 3, listLength: 2, otherLength: 6],
            ]
        ) { graph, values in
            let first = try graph.apply(EmbeddingLookup(), values[0], values[1])
            let mean = PooledEmbedding(.mean)
            let second = try graph.apply(mean, values[0], values[2], values[3])
            let third = try graph.apply(PooledEmbedding(.sum), values[0], values[4], values[5])
            let product = try graph.apply(Arithmetic(.multiply), first, second)
            return [try graph.add(AddN(), [product, third])[0]]
        },
        OperationCase(
            "a table read by id and multiplied as a whole",
            [
                .weight("table", [9, 4]), .ids("a", [.batch], table: 9),
                .features("x", [.batch, 4]),
            ],
            runs: rows,
            differentiatedOutputs: [0, 1]
        ) { graph, values in
            let row = try graph.apply(EmbeddingLookup(), values[0], values[1])
            let scores = try graph.apply(MatMul(transposeRight: true), values[2], values[0])
            return [row, scores]
        },
    ]
}
