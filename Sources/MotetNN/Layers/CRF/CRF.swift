import MotetCore
public import MotetGraph

/// A linear chain over tags: scores of neighbouring tags beside those each step gives its own.
///
/// It is called on emissions, one score a tag and step, such as `Dense(tags)` over a recurrent layer gives,
/// and honours their mask: padded steps are left out of the chain, wherever they stand.
///
/// In a training program the result is the emissions themselves; the loss of a task reaches the layer's
/// parameters through `TracedModel.chain(of:)` and `CRF.loss`. In a program that answers the result is the
/// best sequence of tags by Viterbi's algorithm, a 1 for the tag of each step and 0 for the others, all 0
/// at padded steps, so that the greatest number of a step names its tag in either program.
///
/// - Shapes: `B` batch, `T` time, `K` tags; input and output `[B, T, K]`
/// - Learned: `transitions` `[K, K]`, from row to column, `start` `[K]` and `end` `[K]`, all uniform in
///   [-0.1, 0.1)
/// - Cost: `T K^2` for each row.
/// - Source: Lafferty, McCallum and Pereira, "Conditional Random Fields", ICML 2001; Lample et al., "Neural
///   Architectures for Named Entity Recognition", NAACL 2016, section 2.2.
public final class CRF: UnaryLayer {
    /// `crf`.
    public static let kind = "crf"
    /// The user's name.
    public let name: String?
    /// The number of tags, `K`.
    public let tags: Int
    private let rules: TagRules?

    /// The scores of a chain in a graph.
    public struct Chain: Sendable {
        /// From row to column, `[K, K]`.
        public let transitions: Value
        /// Of the first tag, `[K]`.
        public let start: Value
        /// Of the last tag, `[K]`.
        public let end: Value
    }

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - tags: the number of tags, at least 1.
    ///   - rules: which tags may follow which; nil for any. What is forbidden gets a score of -10,000.
    ///   - name: a name for parameters and messages.
    public init(_ tags: Int, rules: TagRules? = nil, name: String? = nil) {
        self.tags = tags
        self.rules = rules
        self.name = name
    }

    /// Passes the emissions on while training, and decodes them afterwards.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try check(context.graph.shape(of: inputs[0]))
        let chain = try chain(in: &context)
        guard context.mode == .inference else {
            context.chains[inputs[0]] = chain
            return [inputs[0]]
        }
        let mask = context.mask(of: inputs[0])
        let made = try context.graph.add(
            CRFDecoding(isMasked: mask != nil),
            [inputs[0], chain.transitions, chain.start, chain.end] + (mask.map { [$0] } ?? [])
        )
        return [made[1]]
    }

    private func check(_ shape: Shape) throws(GraphError) {
        guard tags >= 1 else {
            throw GraphError(
                .outOfRange,
                "'tags' is out of range; expected at least 1; received \(tags)."
            )
        }
        guard shape.rank == 3, shape[1].fixedSize != nil, shape.last.fixedSize == tags else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected emissions [B, T, \(tags)]; received \(shape)."
            )
        }
        guard let rules, rules.count != tags else { return }
        throw GraphError(
            .outOfRange,
            "'rules' are for another number of tags; expected \(tags); received \(rules.count)."
        )
    }

    private func chain(in context: inout ForwardContext) throws(GraphError) -> Chain {
        func scores(
            _ name: String,
            _ shape: [Int],
            _ role: ParameterRole,
            _ isAllowed: [Bool]?
        ) throws(GraphError) -> Value {
            let learnt = try context.parameter(
                name,
                shape: shape,
                initializer: .uniform(limit: 0.1),
                role: role
            )
            guard let isAllowed else { return learnt }
            let penalties = Tensor(isAllowed.map { $0 ? Float(0) : -10_000 }, shape: shape)
            let fixed = context.graph.constant(penalties)
            return try context.graph.apply(Arithmetic(.add), learnt, fixed)
        }
        let pairs = rules.map { $0.transitions.flatMap { $0 } }
        return Chain(
            transitions: try scores("transitions", [tags, tags], .dense, pairs),
            start: try scores("start", [tags], .bias, rules?.starts),
            end: try scores("end", [tags], .bias, rules?.ends)
        )
    }

    /// Appends the loss of a chain: the weighted mean over rows of the negative log-likelihood of the labels.
    ///
    /// - Parameters:
    ///   - chain: the scores of transitions.
    ///   - emissions: `[B, T, K]`.
    ///   - labels: the numbers of tags, `[B, T]`.
    ///   - weights: `[B, T]`; 0 where a step takes no part, padded or without a label. A row's weight is that
    ///     of its first step that does.
    ///   - graph: where nodes are added.
    /// - Returns: the loss `[]`, and the sum of the rows' weights `[]`.
    /// - Throws: `GraphError` when shapes disagree.
    public static func loss(
        _ chain: Chain,
        emissions: Value,
        labels: Value,
        weights: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> (loss: Value, weightSum: Value) {
        let made = try graph.add(
            CRFLogLikelihood(),
            [emissions, chain.transitions, chain.start, chain.end, labels, weights]
        )
        return (made[0], made[1])
    }
}

extension TracedModel {
    /// The chain a `CRF` layer put over an output, in a training program.
    ///
    /// - Parameter output: the value of an output.
    /// - Returns: its scores, or nil when the output is no `CRF`'s.
    public func chain(of output: Value) -> CRF.Chain? { context.chains[output] }
}
