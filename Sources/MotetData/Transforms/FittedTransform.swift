import CKernels

/// A transform with its numbers filled in.
public enum FittedTransform: Codable, Hashable, Sendable {
    /// Raise to `lower`, reduce to `upper`.
    case clip(lower: Double, upper: Double)
    /// `(x - offset) * scale`.
    case affine(offset: Double, scale: Double)
    /// `log(1 + x)`.
    case log1p
    /// `log(x / reference)`.
    case logRatio(reference: Double)
    /// One plus the number of edges (ascending) at or below `x`.
    case bins(edges: [Double])

    /// The step as the kernels take it; nil for bins.
    var step: motet_transform_step? {
        switch self {
        case .clip(let lower, let upper):
            motet_transform_step(
                kind: Int32(MOTET_TRANSFORM_CLIP),
                first: lower,
                second: upper
            )
        case .affine(let offset, let scale):
            motet_transform_step(
                kind: Int32(MOTET_TRANSFORM_AFFINE),
                first: offset,
                second: scale
            )
        case .log1p:
            motet_transform_step(kind: Int32(MOTET_TRANSFORM_LOG1P), first: 0, second: 0)
        case .logRatio(let reference):
            motet_transform_step(
                kind: Int32(MOTET_TRANSFORM_LOG_RATIO),
                first: reference,
                second: 0
            )
        case .bins: nil
        }
    }
}

/// What the training rows taught about one numeric feature.
public struct FittedNumeric: Codable, Hashable, Sendable {
    /// What replaces a missing value, before the transforms; nil where nothing does.
    public var fill: Double?
    /// The transforms, in order.
    public var transforms: [FittedTransform]

    /// The steps before any binning, as the kernels take them.
    var steps: [motet_transform_step] {
        var steps: [motet_transform_step] = []
        // A list that grows is allocated more than once, for each number of each request.
        steps.reserveCapacity(transforms.count)
        for transform in transforms { if let step = transform.step { steps.append(step) } }
        return steps
    }

    /// The edges of the bins, if the last transform makes bins.
    var edges: [Double]? {
        guard case .bins(let edges) = transforms.last else { return nil }
        return edges
    }

    /// The transformed value of one number.
    public func callAsFunction(_ value: Double) -> Double {
        var result = [value]
        motet_transform(&result, 1, steps, Int64(steps.count))
        guard let edges else { return result[0] }
        return Double(1 + edges.count { $0 <= result[0] })
    }
}
