import MotetCore
import MotetGraph

/// The pixels of each window that lie inside an image, in the order of rows.
private struct PoolingPlaces {
    let window: PoolingWindow
    let image: [Int]
    let result: [Int]

    /// Visits each window and channel: the place of the result, and for each element of the window that lies
    /// inside the image its number in the window and its place.
    func forEach(_ body: (_ y: Int, _ elements: [(number: Int, x: Int)]) -> Void) {
        for b in 0..<result[0] {
            for i in 0..<result[1] {
                for j in 0..<result[2] {
                    for c in 0..<result[3] {
                        let y = ((b * result[1] + i) * result[2] + j) * result[3] + c
                        body(y, elements(b, i, j, c))
                    }
                }
            }
        }
    }

    private func elements(_ b: Int, _ i: Int, _ j: Int, _ c: Int) -> [(number: Int, x: Int)] {
        var found: [(number: Int, x: Int)] = []
        for r in 0..<window.size.height {
            for s in 0..<window.size.width {
                let row = i * window.strides.height + r - window.padding.top
                let column = j * window.strides.width + s - window.padding.left
                guard (0..<image[1]).contains(row), (0..<image[2]).contains(column) else {
                    continue
                }
                let x = ((b * image[1] + row) * image[2] + column) * image[3] + c
                found.append((r * window.size.width + s, x))
            }
        }
        return found
    }
}

private func pooledShape(_ operation: some Operation, _ input: Tensor) -> [Int] {
    let types = try? operation.outputTypes([TensorType(Shape(fixed: input.shape))])
    guard let shape = types?.first?.shape.fixedSizes else {
        preconditionFailure("reference backend: a pooling was not verified.")
    }
    return shape
}

extension MaxPooling2D: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let x = inputs[0].doubles
        let shape = pooledShape(self, inputs[0])
        var y = [Double](repeating: 0, count: shape.reduce(1, *))
        var places = [Int32](repeating: 0, count: y.count)
        PoolingPlaces(window: window, image: inputs[0].shape, result: shape).forEach {
            result,
            elements in
            let greatest =
                elements.first { x[$0.x].isNaN }
                ?? elements.reduce(elements[0]) { x[$1.x] > x[$0.x] ? $1 : $0 }
            y[result] = x[greatest.x]
            places[result] = Int32(greatest.number)
        }
        return [Tensor(rounding: y, shape: shape), Tensor(places, shape: shape)]
    }
}

extension MaxPooling2DGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, chosen) = (inputs[0].doubles, inputs[1].integers)
        let result = inputs[0].shape
        let shape = [result[0], image.height, image.width, result[3]]
        var made = [Double](repeating: 0, count: shape.reduce(1, *))
        PoolingPlaces(window: window, image: shape, result: result).forEach { y, elements in
            for element in elements where element.number == Int(chosen[y]) {
                made[element.x] += upstream[y]
            }
        }
        return [Tensor(rounding: made, shape: shape)]
    }
}

extension AveragePooling2D: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let x = inputs[0].doubles
        let shape = pooledShape(self, inputs[0])
        var y = [Double](repeating: 0, count: shape.reduce(1, *))
        PoolingPlaces(window: window, image: inputs[0].shape, result: shape).forEach {
            result,
            elements in
            y[result] = elements.map { x[$0.x] }.reduce(0, +) / Double(elements.count)
        }
        return [Tensor(rounding: y, shape: shape)]
    }
}

extension AveragePooling2DGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let upstream = inputs[0].doubles
        let result = inputs[0].shape
        let shape = [result[0], image.height, image.width, result[3]]
        var made = [Double](repeating: 0, count: shape.reduce(1, *))
        PoolingPlaces(window: window, image: shape, result: result).forEach { y, elements in
            for element in elements { made[element.x] += upstream[y] / Double(elements.count) }
        }
        return [Tensor(rounding: made, shape: shape)]
    }
}
