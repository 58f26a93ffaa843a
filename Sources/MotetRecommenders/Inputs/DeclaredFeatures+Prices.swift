import MotetCore
import MotetGraph
import MotetNN

// Prices stand in the same block as other numbers, and only heads of demand read them.

extension FeatureInputs {
    /// The numeric columns that are no price; nil where there is none.
    func numericVector(
        of numeric: Input?,
        without prices: Set<String>
    ) throws(GraphError) -> SymbolicTensor? {
        for price in prices.sorted() where !numericFeatures.contains(price) {
            throw GraphError(
                .unknownName,
                "price \"\(price)\": there is no such number; expected one of \(numericFeatures); received none of the name."
            )
        }
        guard let numeric else { return nil }
        guard !prices.isEmpty else { return numeric.tensor }
        let columns = numericFeatures.indices.filter { !prices.contains(numericFeatures[$0]) }
        guard !columns.isEmpty else { return nil }
        return try ChosenColumns(columns, name: "numeric_without_prices")(numeric)
    }
}

extension DeclaredFeatures {
    /// The outputs of tasks with a price, bent by it.
    func withPrices(
        _ outputs: [(name: String, tensor: SymbolicTensor)],
        _ tasks: [TaskHead]
    ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
        guard let numeric else { return outputs }
        var made: [(name: String, tensor: SymbolicTensor)] = []
        for output in outputs {
            guard let price = tasks.first(where: { $0.name == output.name })?.price,
                let column = description.numericFeatures.firstIndex(of: price)
            else {
                made.append(output)
                continue
            }
            let chosen = ChosenColumns([column], name: "\(output.name)/price")
            let head = DemandHead(name: "\(output.name)/demand")
            let inputs = [output.tensor, try chosen(numeric)]
            made.append((output.name, try head.call(inputs, at: nil)[0]))
        }
        return made
    }
}

extension Architecture {
    /// Level and elasticity of the tasks with a price.
    func curves(
        _ outputs: [(name: String, tensor: SymbolicTensor)],
        _ tasks: [TaskHead]
    ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
        let priced = Set(tasks.filter { $0.price != nil }.map(\.name))
        var made: [(name: String, tensor: SymbolicTensor)] = []
        for output in outputs where priced.contains(output.name) {
            let head = DemandHead(.curve, name: "\(output.name)/curve")
            made.append((output.name, try head.call([output.tensor], at: nil)[0]))
        }
        return made
    }
}

extension ArchitectureParts {
    /// The inputs of a model.
    var inputs: [any ModelInput] {
        var inputs = features.inputs
        if let scenarios { inputs.append(scenarios) }
        return inputs
    }

    /// The inputs of a model that reads no price: without the block of numbers where it has nothing else.
    var inputsWithoutPrices: [any ModelInput] {
        guard features.numericVector == nil else { return inputs }
        return inputs.filter { ($0 as? Input)?.name != FeatureInputs.numericName }
    }
}
