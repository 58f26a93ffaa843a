import MotetCore
import MotetGraph

extension OperationCase {
    private static let kinds: [(PointwiseLossKind, Labels)] = [
        (.binaryCrossEntropy, .binary), (.binaryCrossEntropy, .soft),
        (.focal(gamma: 2, alpha: -1), .binary), (.focal(gamma: 2, alpha: 0.25), .binary),
        (.focal(gamma: 0, alpha: -1), .binary), (.focal(gamma: 1.5, alpha: 0.75), .binary),
        (.squaredError, .real), (.absoluteError, .real), (.huber(delta: 1), .real),
        (.huber(delta: 0.25), .real), (.poisson, .counts), (.quantile(tau: 0.1), .real),
        (.quantile(tau: 0.5), .real), (.quantile(tau: 0.9), .real),
        (.fakeNegativeWeighted, .binary), (.fakeNegativeWeighted, .soft),
    ]

    /// What labels look like.
    private enum Labels: String {
        case binary, soft, real, counts

        /// Labels; real ones lie far from any prediction's kink, which is within 4 of 0.
        func tensor(_ key: RandomKey, _ sizes: [Int]) -> Tensor {
            switch self {
            case .binary:
                Tensor(TinyData.integers(sizes, key, in: 0..<2).floats, shape: sizes)
            case .soft: TinyData.uniform(sizes, key, in: 0...1)
            case .counts: Tensor(TinyData.integers(sizes, key, in: 0..<6).floats, shape: sizes)
            case .real:
                Tensor(
                    TinyData.integers(sizes, key, in: 0..<4).floats.map {
                        [-3.125, -0.625, 0.625, 3.125][Int($0)]
                    },
                    shape: sizes
                )
            }
        }
    }

    /// Which rows count.
    private enum Rows: String, CaseIterable {
        case all = "every weight 1"
        case weighted = "weights, some 0"
        case missing = "weights of 0 where labels are missing"
        case none = "no row with a weight"

        func weights(_ key: RandomKey, _ sizes: [Int]) -> Tensor {
            let drawn = TinyData.uniform(sizes, key, in: 0.25...3).floats
            return Tensor(
                drawn.indices.map { index in
                    switch self {
                    case .all: 1
                    case .weighted: index % 4 == 1 ? 0 : drawn[index]
                    case .missing: index % 3 == 2 ? 0 : drawn[index]
                    case .none: 0
                    }
                },
                shape: sizes
            )
        }

        func hide(_ labels: Tensor) -> Tensor {
            guard self == .missing else { return labels }
            let floats = labels.floats
            return Tensor(
                floats.indices.map { $0 % 3 == 2 ? .nan : floats[$0] },
                shape: labels.shape
            )
        }
    }

    static let pointwiseLosses: [OperationCase] =
        kinds.flatMap { kind, labels in
            Rows.allCases.map { part in
                OperationCase(
                    "\(kind) of \(labels.rawValue) labels, \(part.rawValue)",
                    [
                        // Multiples of 1/4: differences of 1/16 around them cross no kink.
                        .features("x", [.batch]) { key, sizes, _ in
                            Tensor(
                                TinyData.normal(sizes, key).floats.map {
                                    (min(max($0, -3), 3) * 4).rounded() / 4
                                },
                                shape: sizes
                            )
                        },
                        .data("labels", [.batch]) { key, sizes, _ in
                            part.hide(labels.tensor(key, sizes))
                        },
                        .data("weights", [.batch]) { key, sizes, _ in part.weights(key, sizes) },
                    ],
                    runs: rows,
                    spare: 3,
                    // Its weights are constants in the gradient, which is not its slope.
                    isSmooth: kind != .fakeNegativeWeighted
                ) { graph, values in try graph.add(PointwiseLoss(kind), values) }
            }
        } + [farLogits]

    /// Logits at which `exp` overflows in single precision.
    private static let farLogits = OperationCase(
        "binary cross-entropy of logits far from 0",
        [
            .features("x", [8]) { _, _, _ in
                Tensor([-200, -90, -40, -15, 15, 40, 90, 200] as [Float])
            },
            .data("labels", [8]) { _, _, _ in Tensor([0, 1, 0, 1, 0, 1, 0, 1] as [Float]) },
            .data("weights", [8]) { _, _, _ in Tensor([1, 1, 1, 1, 1, 1, 1, 1] as [Float]) },
        ]
    ) { graph, values in try graph.add(PointwiseLoss(.binaryCrossEntropy), values) }

    static let otherLosses: [OperationCase] =
        Rows.allCases.flatMap { part in
            [2, 5, 17].map { classes in
                OperationCase(
                    "categorical cross-entropy, \(classes) classes, \(part.rawValue)",
                    [
                        .features("x", [.batch, .fixed(classes)]),
                        .data("labels", [.batch]) { key, sizes, _ in
                            let drawn = TinyData.integers(sizes, key, in: 0..<classes)
                            return part.hide(Tensor(drawn.floats, shape: sizes))
                        },
                        .data("weights", [.batch]) { key, sizes, _ in part.weights(key, sizes) },
                    ],
                    runs: rows
                ) { graph, values in try graph.add(CategoricalCrossEntropy(), values) }
            }
        } + softenedClasses + rowWeights + elementWeights + [paddingMask]

    private static let softenedClasses = [
        ClassTargets(smoothing: 0.1), ClassTargets(classWeights: [0.5, 2, 0, 1]),
        ClassTargets(smoothing: 0.25, classWeights: [0.5, 2, 3, 1]),
    ].map { targets in
        OperationCase(
            "categorical cross-entropy, smoothing \(targets.smoothing), class weights \(targets.classWeights)",
            [
                .features("x", [.batch, 4]),
                .data("labels", [.batch]) { key, sizes, _ in
                    let drawn = TinyData.integers(sizes, key, in: 0..<4)
                    return Rows.missing.hide(Tensor(drawn.floats, shape: sizes))
                },
                .data("weights", [.batch]) { key, sizes, _ in Rows.missing.weights(key, sizes) },
            ],
            runs: rows
        ) { graph, values in try graph.add(CategoricalCrossEntropy(targets), values) }
    }

    private static let paddingMask = OperationCase(
        "padding mask",
        [
            .ids("ids", [.batch, 3], table: 2)
        ],
        runs: rows,
        differentiatedOutputs: []
    ) { graph, values in [try graph.apply(PaddingMask(), values[0])] }

    private static let elementWeights = [
        (false, false, true), (true, true, true), (true, false, false), (false, true, false),
    ].map { isWeighted, isMasked, isPerElement in
        OperationCase(
            "weights of \(isPerElement ? "elements" : "rows of elements")\(isWeighted ? ", weighted" : "")\(isMasked ? ", masked" : "")",
            [
                .data("labels", [.batch, 3]) { key, sizes, _ in
                    Rows.missing.hide(Labels.binary.tensor(key, sizes))
                }
            ]
                + (isWeighted
                    ? [
                        .data("weight", [.batch]) { key, sizes, _ in
                            Rows.weighted.weights(key, sizes)
                        }
                    ] : [])
                + (isMasked
                    ? [
                        .data("mask", [.batch, 3]) { key, sizes, _ in
                            Labels.binary.tensor(key, sizes)
                        }
                    ] : [])
                + [
                    .data("parent", [.batch]) { key, sizes, _ in Labels.binary.tensor(key, sizes) }
                ],
            runs: rows,
            differentiatedOutputs: []
        ) { graph, values in
            let operation = SampleWeights(
                isWeighted: isWeighted,
                isMasked: isMasked,
                isPerElement: isPerElement
            )
            return [try graph.add(operation, values)[0]]
        }
    }

    private static let rowWeights = [(false, 0), (true, 0), (true, 2), (false, 1)].map {
        isWeighted,
        parents in
        OperationCase(
            "sample weights\(isWeighted ? " from a column" : ""), \(parents) parents",
            [
                .data("label", [.batch]) { key, sizes, _ in
                    Rows.missing.hide(Labels.binary.tensor(key, sizes))
                }
            ]
                + (isWeighted
                    ? [
                        .data("weight", [.batch]) { key, sizes, _ in
                            Rows.weighted.weights(key, sizes)
                        }
                    ]
                    : [])
                + (0..<parents).map { parent in
                    .data("parent \(parent)", [.batch]) { key, sizes, _ in
                        let labels = Labels.binary.tensor(key, sizes)
                        return parent == 0 ? labels : Rows.missing.hide(labels)
                    }
                },
            runs: rows,
            differentiatedOutputs: []
        ) { graph, values in [try graph.add(SampleWeights(isWeighted: isWeighted), values)[0]] }
    }
}
