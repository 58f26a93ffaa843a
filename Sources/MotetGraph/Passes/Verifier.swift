import MotetCore

extension Graph {
    /// Checks the rules every graph obeys.
    ///
    /// Nodes read only what exists by then; every value is made once; stored types are those the shape
    /// rules give; gradients come before updates; each state is updated at most once, by a value of its
    /// own type; and no node reads a state after the node that updates it, because backends update in
    /// place.
    ///
    /// - Parameter pass: what ran before, for the message.
    /// - Throws: `GraphError` with code `invalid_graph`.
    public func verify(after pass: String) throws(GraphError) {
        func fail(_ message: String) -> GraphError {
            GraphError(.invalidGraph, "graph: after \(pass), \(message).")
        }
        var defined = [Bool](repeating: false, count: types.count)
        for id in sources.indices {
            if case .node = sources[id] { continue }
            defined[id] = true
        }
        var hasUpdates = false
        for node in nodes {
            let name = "\(Swift.type(of: node.operation).name) of \"\(node.scope)\""
            for input in node.inputs where !defined[input.id] {
                throw fail("\(name) reads %\(input.id) before it is made")
            }
            let expected = try node.operation.outputTypes(node.inputs.map { types[$0.id] })
            guard expected == node.outputs.map({ types[$0.id] }) else {
                throw fail("\(name) has outputs of the wrong type; expected \(expected)")
            }
            for output in node.outputs {
                guard !defined[output.id] else { throw fail("%\(output.id) is made twice") }
                defined[output.id] = true
            }
            if node.stage == .update { hasUpdates = true }
            if hasUpdates, node.stage == .gradients {
                throw fail("\(name) computes gradients after an update")
            }
        }
        for output in outputs where !defined[output.value.id] {
            throw fail("the result \"\(output.name)\" is never made")
        }
        try verifyUpdates(defined, fail)
    }

    private func verifyUpdates(
        _ defined: [Bool],
        _ fail: (String) -> GraphError
    ) throws(GraphError) {
        let producers = producers()
        var states: [String: Value] = [:]
        for state in self.states { states[state.name] = state.value }
        var seen = Set<String>()
        for update in updates {
            guard let state = states[update.state], defined[update.value.id] else {
                throw fail("the update of \"\(update.state)\" has no state or no value")
            }
            guard seen.insert(update.state).inserted else {
                throw fail("the state \"\(update.state)\" is updated twice")
            }
            guard types[state.id] == types[update.value.id] else {
                throw fail("the update of \"\(update.state)\" has another type than the state")
            }
            guard let producer = producers[update.value] else { continue }
            for node in nodes[(producer + 1)...] where node.inputs.contains(state) {
                throw fail("\"\(node.scope)\" reads \"\(update.state)\" after its update")
            }
        }
    }
}
