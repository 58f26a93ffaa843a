import MotetCore
import MotetGraph

extension SampleWeights: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let labels = inputs[0].floats
        let given = isWeighted ? inputs[1].floats : labels.map { _ in 1 }
        let parents = inputs.dropFirst(isWeighted ? 2 : 1).map(\.floats)
        let made = labels.indices.map { row in
            let takesPart = !labels[row].isNaN && parents.allSatisfy { $0[row] == 1 }
            return takesPart ? given[row] : 0
        }
        return [Tensor(made, shape: inputs[0].shape)]
    }
}
