import MotetCore

/// A program that answers, with whatever depends only on a request's user and context computed once for all its rows.
///
/// Some inputs are the same in every row of a request. They are given with one row, `[1, ...]`, and so is all that is
/// computed from them and from states alone: lookups, lists, gates, whole networks. Where a product reads such columns
/// beside others, it is cut, `[u; x] W = u W_u + x W_x`: the first product has one row, is added to the bias, and
/// the second has only the other columns' width. The rows of a weight are states of their own, `slices`, cut once when
/// parameters are loaded. Other operations that read both read the one row repeated.
///
/// Results are those of the whole program up to the rounding of sums that are taken in another order.
public struct RequestFactoring: Sendable {
    /// The program.
    public let graph: Graph
    /// The inputs that are given with one row, in the order of the graph's inputs.
    ///
    /// Of those asked for, one is missing where a result of it alone is read in a way that has no form for one row,
    /// such as ids that are added to a list of every row's own.
    public let inputs: [String]
    /// The states of the program that are rows of states of the whole one.
    public let slices: [StateSlice]

    /// Rewrites a program.
    ///
    /// - Parameters:
    ///   - graph: a program that answers, before a backend's passes.
    ///   - names: the inputs that are the same in all rows of a request.
    ///   - items: inputs whose rows are those of items known beforehand: products read them apart from the other
    ///     columns of a row, for `ItemFactoring`.
    /// - Throws: `GraphError` when the program has no such input, or updates states.
    public init(
        _ graph: Graph,
        inputs names: Set<String>,
        items: Set<String> = []
    ) throws(GraphError) {
        let known = graph.inputs.map(\.name)
        for name in names.sorted() where !known.contains(name) {
            throw GraphError(
                .unknownName,
                "request input \"\(name)\": the program has no such input; expected one of \(known.joined(separator: ", "))."
                    + Suggestion.sentence(for: name, in: known)
            )
        }
        guard graph.updates.isEmpty else {
            throw GraphError(
                .invalidGraph,
                "request inputs: the program updates states; expected one that only answers."
            )
        }
        var chosen = names
        while true {
            var rewriting = RequestRewriting(graph, once: chosen, items: items)
            let blockers = try rewriting.run()
            guard !blockers.isEmpty else {
                var made = rewriting.builder.graph
                DeadCode().run(on: &made)
                try made.verify(after: "RequestFactoring")
                self.graph = made
                inputs = known.filter(chosen.contains)
                slices = rewriting.slices
                return
            }
            chosen.subtract(blockers)
        }
    }
}
