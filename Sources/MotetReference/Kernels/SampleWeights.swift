import MotetCore
import MotetGraph

extension SampleWeights: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let labels = inputs[0].floats
        let rows = inputs[0].shape[0]
        let width = inputs[0].shape.dropFirst().first ?? 1
        let parents = inputs.dropFirst(firstParent).map(\.floats)
        var elements: [Float] = []
        for row in 0..<rows {
            let isInside = parents.allSatisfy { $0[row] == 1 }
            let given = isWeighted ? inputs[1].floats[row] : 1
            for element in row * width..<(row + 1) * width {
                let isStep = !isMasked || inputs[maskPosition].floats[element] != 0
                elements.append(isInside && isStep && !labels[element].isNaN ? given : 0)
            }
        }
        if isPerElement { return [Tensor(elements, shape: inputs[0].shape)] }
        let least = (0..<rows).map { row in
            let own = elements[row * width..<(row + 1) * width]
            return own.contains(0) ? 0 : own.first ?? 0
        }
        return [Tensor(least, shape: [rows])]
    }
}
